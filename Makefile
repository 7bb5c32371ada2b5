# make test installs and starts what the tests need; everything else needs Go only.
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOFUMPT     := mvdan.cc/gofumpt@v0.12.0
DEADCODE    := golang.org/x/tools/cmd/deadcode@v0.52.0
FUZZTIME    ?= 20s
N           ?= 100000
RUNS        ?= 1
ROUNDS      ?= 1
SOAK        ?= 87600h
SEED        ?= 1000
CHANGES     ?= 4000
SAMBA       ?= 0

.PHONY: test quick build lint fuzz soak kills bench bench-changes bench-peers performance

test: ## all tests, with real servers on loopback (Debian; needs root for Samba)
	@.ci/test

quick: ## the tests that need no shared server
	@.ci/test quick

build: ## everything, for this machine and for Windows
	go build ./...
	GOOS=windows go build ./...

lint: ## more than make test asks for; downloads its tools
	go vet ./...
	go run $(STATICCHECK) ./...
	@files=$$(go run $(GOFUMPT) -l .); [ -z "$$files" ] || { echo "run gofumpt -w on:"; echo "$$files"; exit 1; }
	go run $(DEADCODE) -test ./...

fuzz: ## each fuzz target for FUZZTIME
	@.ci/fuzz $(FUZZTIME)

soak: ## simulates until stopped, or for SOAK=1h, from seed SEED on; a failure prints its script
	SOAK=$(SOAK) SEED=$(SEED) go test ./adsync/simtest -run '^TestTheEngineKeepsItsInvariants$$' -v -count=1 -timeout 0

kills: ## kills programs at every durable step, on every ground, ROUNDS times over
	KILLTEST_SOAK=$(ROUNDS) go test ./internal/killtest -run '^TestI4' -v -count=1 -timeout 0

bench: ## N persons read and synchronised, beside programs in C, and the targets (medians of RUNS)
	@internal/bench/bench.sh proof $(N) $(RUNS) $(CHANGES)

bench-peers: ## other programs that read a directory, on the same server
	@internal/bench/bench.sh peers $(N) $(RUNS)

performance: ## measures for docs/performance.md and writes the results there
	@INTO=docs/performance.md internal/bench/bench.sh proof $(N) $(RUNS) $(CHANGES)
	@INTO=docs/performance.md internal/bench/bench.sh peers $(N) $(RUNS)
	@INTO=docs/performance.md internal/bench/bench.sh stages $(N)

bench-changes: ## what reading CHANGES changes among N persons costs; SAMBA=20000 adds a Samba of so many (root)
	@internal/bench/changes.sh $(N) $(CHANGES) $(RUNS) $(SAMBA)
