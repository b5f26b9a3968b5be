"""Writes the pickles that tests/ops/pickle.c reads, with whatever pandas is there, into a folder.

Each table is the same one in another layout: gen-<layout>-<protocol>.pkl. Layouts that this pandas
doesn't write itself are made from its own by telling the pickler what an older one said, and by
renaming what numpy 2 renamed. Small ones stand among the seeds of the fuzzer.
"""
import copyreg
import datetime
import io
import pickle
import sys

import numpy as np
import pandas as pd
from pandas.core.internals.managers import BlockManager

folder = sys.argv[1]


def write(name, data):
    with open(f"{folder}/{name}.pkl", "wb") as out:
        out.write(data)


def table():
    return pd.DataFrame({
        "Region": ["NSW1", "SA1", "VIC1"],
        "Site Name": ["Bayswater", "Hornsdale", "Côte"],
        "Owner": ["AGL", "Neoen", None],
        "DUID": ["BW01", "HPR1", "XX1"],
        "Capacity(MW)": [660.0, 150.5, float("nan")],
        "Storage(MWh)": [float("nan"), 193.5, 2.0],
        "Fuel": ["Coal", "Battery Storage", "Wind"],
    })


class Old(pickle._Pickler):
    """As pandas before 1.3: a BlockManager is made empty and has all in its state."""

    def reducer_override(self, obj):
        if not isinstance(obj, BlockManager):
            return NotImplemented
        axes = list(obj.axes)
        blocks = [{"values": b.values, "mgr_locs": b.mgr_locs.indexer} for b in obj.blocks]
        state = (axes, [b.values for b in obj.blocks],
                 [axes[0].take(b.mgr_locs.as_array) for b in obj.blocks],
                 {"0.14.1": {"axes": axes, "blocks": blocks}})
        return copyreg.__newobj__, (BlockManager,), state


def old(value, protocol):
    out = io.BytesIO()
    Old(out, protocol).dump(value)
    return out.getvalue()


def numpy2(data):
    """Modules as numpy 2 has them. Their names are of one byte's length in protocols 4 and 5."""
    for module in (b"numpy.core.multiarray", b"numpy.core.numeric"):
        new = module.replace(b".core", b"._core")
        data = data.replace(bytes([0x8c, len(module)]) + module, bytes([0x8c, len(new)]) + new)
    return data


for protocol in (2, 3, 4, 5):
    write(f"gen-own-{protocol}", pickle.dumps(table(), protocol))
    write(f"gen-old-{protocol}", old(table(), protocol))
    strings = table()
    for name in ("Region", "DUID"):
        strings[name] = strings[name].astype("string")
    write(f"gen-strings-{protocol}", pickle.dumps(strings, protocol))
    # columns in an order of their own, so that a block's places are no slice
    mixed = table()[["Capacity(MW)", "Region", "Storage(MWh)", "Site Name", "Owner", "Fuel", "DUID"]]
    write(f"gen-mixed-{protocol}", pickle.dumps(mixed, protocol))
    write(f"gen-rows-{protocol}", pickle.dumps(pd.concat([table(), table()]).iloc[:3], protocol))
    state = {
        "NSW1": {"high_alert": True, "high_time": pd.Timestamp("2025-07-20 18:05"),
                 "last_price": np.float64(1250.5)},
        "SA1": {"high_alert": False, "high_time": None, "last_price": 0},
        "VIC1": {"high_alert": True, "high_time": datetime.datetime(2025, 7, 20, 18, 5, 3, 250),
                 "last_price": -12.5},
    }
    write(f"state-{protocol}", pickle.dumps(state, protocol))
    zone = datetime.timezone(datetime.timedelta(hours=10))
    misc = {
        "set": {1}, "frozen": frozenset(["a"]), "tuple": (1, 2, 3, 4), "list": [1, [2]],
        "bytes": b"a\xe4\x00", "array": bytearray(b"x"), "big": 2 ** 40, "small": -5,
        "date": datetime.date(2025, 1, 2), "zoned": datetime.datetime(2025, 1, 1, 10, tzinfo=zone),
        "nat": pd.NaT, "na": pd.NA, "int32": np.int32(-7), "bool": np.bool_(True),
        "day": np.datetime64("2025-01-01"), "stamp": pd.Timestamp("2025-01-01 10:00", tz="UTC"),
    }
    if protocol > 2:
        write(f"misc-{protocol}", pickle.dumps(misc, protocol))
for protocol in (4, 5):
    write(f"gen-numpy2-{protocol}", numpy2(pickle.dumps(table(), protocol)))
