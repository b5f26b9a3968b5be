"""Runs a program on a terminal of its own: terminal.py COLUMNS ROWS SEND PROGRAM ARGUMENT...
Waits for the program's second page, sends SEND ("q", or the name of a signal), and prints, as JSON,
what the program drew, how it ended, and whether the terminal is as it was."""
import fcntl, json, os, pty, select, signal, struct, sys, termios, time

columns, rows, send, *command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], *sys.argv[4:]
main, sub = pty.openpty()
fcntl.ioctl(sub, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
before = termios.tcgetattr(sub)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(sub, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(sub, fd)
    os.environ["TERM"] = "vt100"
    os.execv(command[0], command)

drawn = b""


def read_until(condition, seconds):
    global drawn
    end = time.time() + seconds
    while time.time() < end and not condition():
        if select.select([main], [], [], 0.05)[0]:
            drawn += os.read(main, 65536)


read_until(lambda: drawn.count(b"\x1b[J") >= 2, 60)
raw = termios.tcgetattr(sub)
pages = drawn
if send == "suspend":
    os.write(main, b"\x1a")  # Ctrl-Z
    state = lambda: open(f"/proc/{child}/stat").read().rsplit(")", 1)[1].split()[0]
    read_until(lambda: state() == "T", 30)
    suspended = {"stopped": state() == "T", "as_before": termios.tcgetattr(sub) == before}
    os.kill(child, signal.SIGCONT)
    count = drawn.count(b"\x1b[J")
    read_until(lambda: drawn.count(b"\x1b[J") > count, 30)
    send = "q"
else:
    suspended = None
if send.startswith("SIG"):
    os.kill(child, getattr(signal, send))
else:
    os.write(main, send.encode())
status = None


def ended():
    global status
    if status is None:
        pid, code = os.waitpid(child, os.WNOHANG)
        status = code if pid else None
    return status is not None


read_until(ended, 30)
if not ended():
    os.kill(child, signal.SIGKILL)
read_until(lambda: False, 0.2)
print(json.dumps({
    "status": os.waitstatus_to_exitcode(status) if status is not None else None,
    "drawn": pages.decode("utf-8", "replace"), "end": drawn[len(pages):].decode("utf-8", "replace"),
    "raw": raw[3] & (termios.ICANON | termios.ECHO) == 0, "suspended": suspended,
    "as_before": termios.tcgetattr(sub) == before}))
