# Two commands are all there is to type: `make run` and `make test`. `make help` lists the rest.

.DEFAULT_GOAL := help
.PHONY: help run build install test lint format fuzz soak crash bench-parse bench-ingest bench-live bench-year bench-sim bench-migrate bench-grid screenshots clean

help:
	@echo "make run [SOURCE=URL|DIR|demo] [DATA=DIR] [PORT=N]   collect, and serve http://127.0.0.1:5006"
	@echo "                  demo, or where NEMWEB can't be reached: a simulated market"
	@echo "make test         build and run every test"
	@echo "make install      nemd, its library, manual and completions [PREFIX=/usr/local] [DESTDIR=]"
	@echo "make deb          a Debian package of it, in build/"
	@echo "make build        build/nemd and build/nemsim alone"
	@echo "make bench-parse  reading speed beside DuckDB's read_csv [FILE=zip or CSV]"
	@echo "make bench-ingest from AEMO's zips to Parquet, beside unzip and DuckDB;  make bench-sim  nemsim's speed"
	@echo "make bench-grid   three years of a made-up fleet: writing, sums, reading (some 2.5 GB under /tmp)"
	@echo "make bench-api    the API beside DuckDB's SQL, and under load; keeps three years in STORE [SECONDS=20] [THINKING=60] [IDLE=10000]"
	@echo "make bench-migrate  38 million rows of the earlier system into a store, and followed"
	@echo "make bench-live   what live cycles cost [CYCLES=12] [MINUTES=6];  make bench-year  how a store grows [YEAR=2024] [MONTHS=12]"
	@echo "make fuzz         fuzz every parser for a minute each [SECONDS=60] (clang)"
	@echo "make soak         days of a market with every fault, then all rows checked [DAYS=7] [SEED=1] [RATE=0.02]"
	@echo "make soak-history months in every form history was published in, all rows checked [MONTHS=2009-07,…] [DATASETS=…]"
	@echo "make soak-replay  a year of prices, whose replay of alerts is held against SQL, killed at random [YEAR=2024]"
	@echo "make crash        a thousand histories of commits and kills, each step failing in each way [SEED=1]"
	@echo "make screenshots  every view of a nemd that runs, in both themes and sizes [URL=http://127.0.0.1:5006/]"
	@echo "make docs         docs/configuration.md, from the tables of commands and settings"
	@echo "make lint         formatting and static analysis;  make format  mends the formatting"
	@echo "make clean        remove what was built; the store stays"

run: build
	@SOURCE="$(SOURCE)" DATA="$(DATA)" PORT="$(PORT)" exec sh setup/run.sh

build:
	@sh setup/setup.sh build
	@sh setup/build.sh

install: build
	@cmake --install build --prefix $(or $(PREFIX),/usr/local)

.PHONY: deb
deb: build
	@sh packaging/deb.sh build

test:
	@sh setup/setup.sh test
	@sh setup/build.sh --tests
	@sh setup/test.sh

lint:
	@sh setup/setup.sh lint
	@sh setup/build.sh --tests
	@sh setup/lint.sh

format:
	@sh setup/setup.sh lint
	@git ls-files '*.c' '*.h' | xargs clang-format -i

fuzz:
	@sh setup/setup.sh lint
	@sh setup/fuzz.sh $(or $(SECONDS),60)

soak: build
	@DAYS="$(DAYS)" SEED="$(SEED)" RATE="$(RATE)" node tests/soak/soak.mjs

crash:
	@sh setup/setup.sh test
	@sh setup/build.sh --tests
	@NEMD_LONG=1 NEMD_SEED=$(or $(SEED),1) build/test_store_protocol
	@NEMD_LONG=1 build/asan/test_store_crash

.PHONY: soak-history
soak-history: build
	@MONTHS="$(MONTHS)" DATASETS="$(DATASETS)" node tests/soak/history.mjs

.PHONY: soak-replay
soak-replay: build
	@YEAR="$(YEAR)" node tests/soak/replay.mjs

bench-parse: build
	@build/bench_parse $(FILE)

bench-ingest: build
	@node bench/ingest.mjs build

bench-migrate: build
	@node bench/migrate.mjs build

bench-live: build
	@node bench/live.mjs build $(or $(CYCLES),12) $(or $(MINUTES),6)

bench-year: build
	@node bench/year.mjs build $(or $(YEAR),2024) $(or $(MONTHS),12)

bench-sim: build
	@build/bench_sim

bench-grid: build
	@build/bench_grid; status=$$?; rm -rf /tmp/nemd-bench-grid; exit $$status

.PHONY: bench-api
bench-api: build
	@STORE="$(STORE)" ROUNDS="$(ROUNDS)" SQLROUNDS="$(SQLROUNDS)" SECONDS="$(SECONDS)" THINKING="$(THINKING)" IDLE="$(IDLE)" node bench/api.mjs build

.PHONY: docs
docs: build
	@build/nemd man --markdown > docs/configuration.md

screenshots: build
	@cd web && node screenshots.mjs $(or $(URL),http://127.0.0.1:5006/) ../build/screenshots
	@echo "build/screenshots has them"

clean:
	rm -rf build web/dist web/node_modules
