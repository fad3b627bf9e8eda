# Everything is reached from here: `make` explains, `make demo` shows the whole van, `make test` proves it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

NODE_VERSION := 24.21.0
NODE_ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x64)
PINNED_NODE := .toolchain/node_modules/node-linux-$(NODE_ARCH)/bin
# The node on the PATH serves when it is the same major version and not older.
NODE_GOOD := $(shell node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a===24&&b>=21?0:1)' 2>/dev/null && echo yes)
ifneq ($(NODE_GOOD),yes)
export PATH := $(CURDIR)/$(PINNED_NODE):$(PATH)
NODE_READY := $(PINNED_NODE)/node
endif

INSTALLED := node_modules/.package-lock.json

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

$(PINNED_NODE)/node:
	npm install --prefix .toolchain --no-save --no-package-lock node-linux-$(NODE_ARCH)@$(NODE_VERSION)
	@touch $@

$(INSTALLED): package.json package-lock.json $(NODE_READY)
	npm ci --ignore-scripts
	@touch $@

.tap/build.stamp: $(INSTALLED) .taprc
	npx tap build
	@touch $@

setup: $(INSTALLED) ## the pinned Node and the npm packages

debian-%: ## (internal) one Debian package group
	@deploy/debian-packages $*

check: setup ## types, import rule, lint, format
	npx tsc -b
	npx oxlint --type-aware
	npx oxfmt --check

fmt: setup ## format the sources
	npx oxfmt

test: check .tap/build.stamp debian-test ## everything that proves it works
	npx tap

clean: ## remove what can be made again
	rm -rf build node_modules .tap .toolchain

.PHONY: help setup check fmt test clean
