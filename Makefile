# Everything is reached from here: `make` explains, `make demo` shows the whole van, and
# `make test` proves it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

NODE_VERSION := 24.21.0
NODE_ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x64)
PINNED_NODE := .toolchain/node_modules/node-linux-$(NODE_ARCH)/bin
# The node on the PATH serves when it is the same major version and not older.
NODE_GOOD := $(shell node -e 'const [a, b] = process.versions.node.split(".");\
	process.exit(a === "24" && Number(b) >= 21 ? 0 : 1)' 2>/dev/null && echo yes)
ifneq ($(NODE_GOOD),yes)
export PATH := $(CURDIR)/$(PINNED_NODE):$(PATH)
NODE_READY := $(PINNED_NODE)/node
endif

INSTALLED := node_modules/.package-lock.json
# Called by name: npx starts npm for each, which takes longer than some of them.
BIN := node_modules/.bin

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

$(PINNED_NODE)/node:
	npm install --prefix .toolchain --no-save --no-package-lock node-linux-$(NODE_ARCH)@$(NODE_VERSION)
	@touch $@

$(INSTALLED): package.json package-lock.json $(NODE_READY)
	npm ci --ignore-scripts
	@touch $@

.tap/build.stamp: $(INSTALLED) .taprc
	$(BIN)/tap build
	@touch $@

setup: $(INSTALLED) ## the pinned Node and the npm packages

debian-%:
	@deploy/debian-packages $*

build/page/index.html: $(INSTALLED) gateway/page/build.ts $(shell find gateway/page/web drivers protocols/vocabulary -type f 2>/dev/null)
	node gateway/page/build.ts
	@touch $@

build/browser/simpul-waves.js: $(INSTALLED) upstream/browser/build.ts $(shell find upstream/browser upstream/review protocols/ecg-codec protocols/packet -type f 2>/dev/null)
	node upstream/browser/build.ts

page: build/page/index.html build/browser/simpul-waves.js ## the local page, and the module that reads waves, bundled

check: setup ## types, import rule, lint, format
	$(BIN)/tsc -b
	$(BIN)/oxlint --type-aware
	$(BIN)/oxfmt --check

fmt: setup ## format the sources
	$(BIN)/oxfmt

demo: setup page debian-demo ## the whole van with simulated devices; SECONDS=30 stops and prints a table
	gateway/cli/simpul demo $(if $(SECONDS),--seconds $(SECONDS)) $(if $(PORT),--port $(PORT))

test: check page debian-test .tap/build.stamp ## everything that proves it works
	test/run

coverage: setup page debian-test .tap/build.stamp ## the tests once more, and which lines they reach
	$(BIN)/tap

faults: setup page debian-demo ## kill everything at random while the demo runs: KILLS=100 SEED=1
	node test/faults.ts --kills $(or $(KILLS),100) --seed $(or $(SEED),1)

sim: setup ## seeds of the simulation: SEEDS=20000, or one SEED=42
	node gateway/sim/main.ts $(if $(SEED),--from $(SEED) --seeds 1 --verbose,--seeds $(or $(SEEDS),2000))

sim-mutants: setup ## break each rule on purpose; the simulation must notice
	node gateway/sim/mutate.ts $(MUTANTS)

wasm: setup ## the model of the waveform codec, compiled anew
	node deploy/ecg-wasm.ts

dicom-roundtrip: setup page debian-test ## every file of DIR=folder into a van and out at the hospital, compared bit for bit
	node test/dicom-roundtrip.ts $(DIR)

docs: setup ## the pages that are made from the sources
	node deploy/docs.ts

bench-%: setup page debian-bench
	node bench/$*.ts $(ARGS)

bench: bench-backlog bench-fsync bench-steady bench-landing ## all benchmarks, each beside its named peer

# What is installed is what was tested: the sources, the pinned runtime, and the packages that run.
INSTALL_FOLDER := /usr/lib/simpul

install: setup page ## into DESTDIR, as the service unit expects it
	install -d $(DESTDIR)$(INSTALL_FOLDER) $(DESTDIR)/usr/bin $(DESTDIR)/etc/simpul
	cp -a --parents $$(git ls-files protocols drivers gateway upstream | grep -v '\.test\.ts$$') $(DESTDIR)$(INSTALL_FOLDER)
	cp -a package.json package-lock.json LICENSE NOTICE $(DESTDIR)$(INSTALL_FOLDER)
	install -d $(DESTDIR)$(INSTALL_FOLDER)/build
	cp -a build/page $(DESTDIR)$(INSTALL_FOLDER)/build/
	cd $(DESTDIR)$(INSTALL_FOLDER) && npm ci --omit=dev --ignore-scripts
	npm install --prefix $(DESTDIR)$(INSTALL_FOLDER)/.toolchain --no-save --no-package-lock node-linux-$(NODE_ARCH)@$(NODE_VERSION)
	ln -sf ..$(INSTALL_FOLDER:/usr%=%)/gateway/cli/simpul $(DESTDIR)/usr/bin/simpul
	install -D -m 644 systemd/simpul.service $(DESTDIR)/usr/lib/systemd/system/simpul.service
	install -D -m 644 systemd/simpul.rules $(DESTDIR)/usr/lib/udev/rules.d/60-simpul.rules
	install -D -m 644 systemd/simpul.sysusers $(DESTDIR)/usr/lib/sysusers.d/simpul.conf
	install -D -m 644 systemd/simpul.tmpfiles $(DESTDIR)/usr/lib/tmpfiles.d/simpul.conf
	install -D -m 644 README.md $(DESTDIR)/usr/share/doc/simpul/README.md
	cp -a docs $(DESTDIR)/usr/share/doc/simpul/

clean: ## remove what can be made again
	rm -rf build node_modules .tap .toolchain demo-data

.PHONY: help setup page check fmt demo test coverage faults sim sim-mutants docs dicom-roundtrip wasm bench install clean
