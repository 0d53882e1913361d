# 政务110. `make run` opens the program with a drill store, `make test` proves it. Both need Go 1.26, make, git, and
# Debian or Ubuntu; what else is missing they install with apt (see .ci/deps.sh).

GO      ?= go
TAGS    := x11,migrated_fynedo
BUILD   := build
TOOLS   := $(abspath $(BUILD)/tools)
DRILL   := $(BUILD)/drill
GOLANGCI := v2.15.0
GOFUMPT  := v0.12.0

# The packages below views and app: raced. The one that waits longest comes first, so that the others run beside it.
LONGEST = zw110/sync/trial
PLAIN = $(LONGEST) $$($(GO) list ./... 2>/dev/null | grep -Ev '^zw110/(views|app)|^$(LONGEST)$$')
WINDOW = $$($(GO) list -tags $(TAGS) ./... | grep -E '^zw110/(views|app)')

.PHONY: deps-test build run test soak lint bench bench-sync bench-lists bench-map bench-window bench-export tools shots desks compare screens clean deps
.DEFAULT_GOAL := build

deps:
	@./.ci/deps.sh

deps-test:
	@./.ci/deps.sh test

# The three programs in build/.
build: deps
	$(GO) build -tags $(TAGS) -o $(BUILD)/zw110 ./app
	CGO_ENABLED=0 $(GO) build -o $(BUILD)/zw110ctl ./app/zw110ctl
	CGO_ENABLED=0 $(GO) build -o $(BUILD)/zw110hub ./sync/zw110hub

# A store of the sample town with a summer of incidents and a morning's post. Made once; `make clean` removes it.
$(DRILL)/zw110.db: | build
	./.ci/drill.sh $(BUILD)/zw110ctl $(DRILL)

# Opens the window. With no display it starts a virtual one, drives the window by its keys and leaves pictures.
run: build $(DRILL)/zw110.db
	./.ci/run-window.sh $(BUILD)/zw110 $(DRILL) $(BUILD)/shots

# Drives the real window on a virtual display through one incident's whole loop, with pictures of the main screens; fails when the store then
# holds anything else.
shots: build
	env -u DISPLAY ./.ci/run-window.sh $(BUILD)/zw110 $(DRILL) $(BUILD)/shots

# Drives two real windows and a hub on this machine through a day without a network, with pictures; fails when the stores differ in the end.
desks: build
	./.ci/run-desks.sh $(BUILD)/zw110 $(BUILD)/desks

# Kept pictures of the screens beside the mock-ups of the same names: make compare DESIGN=folder
compare: deps
	./.ci/compare.sh $(DESIGN) $(BUILD)/compare

# Every screen of a drill store in five looks, as pictures and contact sheets. The software driver lets go of pages that are hidden for a minute
# and draws them unplaced; FYNE_CACHE keeps them.
screens: build $(DRILL)/zw110.db
	FYNE_CACHE=1h $(GO) test -timeout 2h -tags $(TAGS) ./app -run Screens_Pictures -shots $(abspath $(BUILD))/screens -drill $(abspath $(DRILL))
	@for look in $(BUILD)/screens/*/; do montage $$look*.png -tile 3x3 -geometry 960x600+4+4 $${look%/}.png; done

# Some packages of sync do a tenth of their random runs under the race detector, and all of them without it.
test: deps-test
	$(GO) vet -tags $(TAGS) ./...
	GOGC=300 $(GO) test -timeout 30m -race $(PLAIN)
	$(GO) test -run Contract ./sync/hub/boltjournal ./sync/hub/natsjournal
	$(GO) test -timeout 30m -tags $(TAGS) ./sync/session $(WINDOW)

lint: tools
	@out=$$($(TOOLS)/gofumpt -l app assets data sync views); if [ -n "$$out" ]; then echo "gofumpt would change:"; echo "$$out"; exit 1; fi
	$(TOOLS)/golangci-lint run --build-tags $(TAGS) ./...

# The long runs of sync: processes killed for half an hour, a cluster's members as well, the model of identity 60,000 times, the cores under it
# 20,000 times, the simulator 10,000 seeds. Hours.
soak: deps-test
	$(GO) test ./data/lists -run ReadBack_Random -soak 10 -timeout 1h -v
	$(GO) test -tags $(TAGS) ./views/wallboard -run TestBoard_Stays -soak 60 -timeout 1h -v
	$(GO) test ./sync/trial -run TestKill -soak 30m -timeout 1h -v
	$(GO) test ./sync/hub/natsjournal -run TestCluster -soak 30m -timeout 1h -v
	$(GO) test ./sync/session -run TestModel_Nothing -soak 30 -timeout 2h -v
	$(GO) test ./sync/session -run TestMachine -soak 10 -timeout 12h -v
	$(GO) test ./sync/session -run TestSimulation -soak 50 -timeout 12h -v

# Each figure stands beside its peer; the table at the end has goal, gate and measured. Fails when a gate is broken.
bench: deps
	GO="$(GO)" ./.ci/bench.sh $(TAGS) ./data/... ./views/... ./sync/desk

# What a window of the map costs beside an R-tree, and what painting and moving it costs.
bench-map: deps
	GO="$(GO)" ./.ci/bench.sh $(TAGS) -bench '^BenchmarkBound_Map' ./data/board ./views/townmap/...

# Sync beside its peers: real desks, the hub and a thousand desks in processes of their own; PouchDB comes from npm. SYNC holds flags, such as
# -only catchup, or -restart 10000000 -new 1500000 for the full sizes. With the right to do so, it goes before other programs of a shared machine.
bench-sync: $(BUILD)/peers/node_modules/pouchdb
	CGO_ENABLED=0 $(GO) build -o $(BUILD)/benchsync ./.ci/benchsync
	@first=; nice -n -10 true 2>/dev/null && first="nice -n -10"; \
	$$first $(BUILD)/benchsync -dir $(BUILD)/bench-sync -peers $(BUILD)/peers $(SYNC)

$(BUILD)/peers/node_modules/pouchdb:
	@command -v npm >/dev/null || { echo "bench-sync: needs node and npm (apt-get install nodejs npm)"; exit 1; }
	mkdir -p $(BUILD)/peers
	cd $(BUILD)/peers && npm init -y >/dev/null && npm install --no-audit --no-fund --silent pouchdb@9.0.0 express-pouchdb@4.2.0 express@4

# A workbook of 10,000 rows and 30 columns beside exceljs (from npm) and libxlsxwriter.
bench-lists: $(BUILD)/peers/node_modules/exceljs
	CGO_ENABLED=0 $(GO) build -o $(BUILD)/benchlists ./.ci/benchlists
	$(BUILD)/benchlists -dir $(BUILD)/bench-lists -peers $(BUILD)/peers

$(BUILD)/peers/node_modules/exceljs:
	@command -v npm >/dev/null || { echo "bench-lists: needs node and npm (apt-get install nodejs npm)"; exit 1; }
	mkdir -p $(BUILD)/peers
	cd $(BUILD)/peers && npm init -y >/dev/null && npm install --no-audit --no-fund --silent exceljs@4.4.0

# From key to pixels: the real window on a virtual display, with ten years of incidents.
bench-window: build $(BUILD)/years/zw110.db
	$(GO) build -o $(BUILD)/paint ./.ci/paint
	./.ci/bench-window.sh $(BUILD)/zw110 $(BUILD)/paint $(BUILD)/years $(BUILD)/bench-window.log

# Frames and keys while 10,000 open incidents of one month are exported, beside those at rest.
bench-export: build $(BUILD)/month/zw110.db
	$(GO) build -o $(BUILD)/paint ./.ci/paint
	./.ci/bench-export.sh $(BUILD)/zw110 $(BUILD)/paint $(BUILD)/month $(BUILD)/bench-export.log

$(BUILD)/month/zw110.db: | build
	./.ci/years.sh $(BUILD)/zw110ctl $(BUILD)/month 10000 250 10000

$(BUILD)/years/zw110.db: | build
	./.ci/years.sh $(BUILD)/zw110ctl $(BUILD)/years

tools: $(TOOLS)/golangci-lint-$(GOLANGCI) $(TOOLS)/gofumpt-$(GOFUMPT)

$(TOOLS)/golangci-lint-$(GOLANGCI):
	GOBIN=$(TOOLS) GOFLAGS= $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)
	@touch $@

$(TOOLS)/gofumpt-$(GOFUMPT):
	GOBIN=$(TOOLS) GOFLAGS= $(GO) install mvdan.cc/gofumpt@$(GOFUMPT)
	@touch $@

clean:
	rm -rf $(BUILD)
