# `make demo` brings a cluster up and shows it; `make test` runs every test tier. Both install what they need first.
SHELL := /bin/bash
JOBS := $(shell nproc)
RELEASE := -c release --static-swift-stdlib -j $(JOBS)
export PATH := $(CURDIR)/.tools/bin:$(PATH)
# A crash in a service is to end it at once: the backtracer costs seconds in which nothing serves.
export SWIFT_BACKTRACE ?= enable=no

.PHONY: help setup build images test unit-test golden-test kernel-test cluster-test bench fmt check deps demo clean

help: ## What the verbs do
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

setup: ## Install the Debian packages, the kubectl and the rest that is missing
	@scripts/setup.sh

build: setup ## Release binaries at .build/release/switchboard and .build/release/switchboard-cni
	@swift build $(RELEASE) --product switchboard-cni
	@swift build $(RELEASE) --product switchboard

images: setup ## Test and demo images out of Debian packages, cached under .tools/images
	@scripts/images/build.sh

test: setup check images ## Every gate and every test tier, with counts
	@scripts/test.sh

unit-test: setup ## The tier that needs neither namespaces nor containers
	@scripts/test.sh unit

golden-test: setup ## The tier that compares with recorded baselines
	@scripts/test.sh golden

kernel-test: setup ## The tier that asks the real kernel, in network namespaces of its own
	@scripts/test.sh kernel

cluster-test: setup images ## The tier that runs real containers in labs
	@scripts/test.sh cluster

bench: build images ## Measure what is promised, each figure beside its bound and its peer
	@swift build $(RELEASE) --product switchboard-bench
	@scripts/bench.sh

fmt: ## Format every hand-written Swift file
	@. scripts/swift-files.sh && swift_files | xargs -0 swift format format --in-place --parallel

check: deps ## The gates: layers and format, each with its self-test
	@scripts/check-format.sh

deps: ## Compare Package.swift with the layer table
	@scripts/check-layers.sh --self-test

demo: build images ## Three nodes, a web shop's page, an API and Redis; step by step
	@scripts/demo.sh

clean: ## Remove what was built; .tools (downloads and images) stays
	@rm -rf .build
