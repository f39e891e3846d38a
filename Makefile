# `make` alone lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: setup setup-tests demo test test-thorough test-faults test-replays test-roles test-leaks test-agreement test-memory bench lint format help

SWIFT ?= swift
# Arguments of the demo: make demo ARGS="--scale lulea --report report.json"
ARGS ?=
# How often `make test-faults` goes round.
ROUNDS ?= 20
SOURCES := Sources Tests Benchmarks Package.swift
SCRIPTS := .ci/run .ci/setup .ci/side-by-side .ci/check-image Benchmarks/run $(wildcard docker/*/start)
PYTHONS := .ci/check-imports $(wildcard Tests/Contract/*.py) Benchmarks/relay.py Benchmarks/Mapping/pydantic_mapping.py Benchmarks/Hub/compare_frames.py Benchmarks/table
# A target sees only what it declares, also when a module file of another happens to be there.
STRICT := --explicit-target-dependency-import-check error

setup: ## Install what is missing (Debian and Ubuntu: apt); check the Swift toolchain
	@.ci/setup

setup-tests: ## The same with what the tests need beside: a browser, an accessibility checker
	@.ci/setup --tests

demo: setup ## See the whole way: five systems, queues, mappings, on synthetic people
	$(SWIFT) build -c release --product knutpunkt
	.build/release/knutpunkt demo $(ARGS)

test: setup-tests ## Build and run all tests; the broker tests start a RabbitMQ node of their own
	$(SWIFT) build --build-tests $(STRICT)
	.ci/side-by-side "$$($(SWIFT) build --show-bin-path)/knutpunktPackageTests.xctest"

test-thorough: setup-tests ## Run all tests with every case that chance is given, which takes long
	KNUTPUNKT_THOROUGH=1 $(MAKE) test

test-faults: setup ## Run the fault suites ROUNDS times with seeds of their own; stop at the first failure
	$(SWIFT) build --build-tests $(STRICT)
	for round in $$(seq 1 $(ROUNDS)); do \
		seed=$${KNUTPUNKT_FAULT_SEED:-$$RANDOM$$RANDOM}; began=$$SECONDS; \
		echo "round $$round of $(ROUNDS), seed $$seed"; \
		KNUTPUNKT_FAULT_SEED=$$seed $(SWIFT) test --skip-build --no-parallel $(STRICT) --filter 'FaultCases|P16' \
			|| { echo "round $$round failed: KNUTPUNKT_FAULT_SEED=$$seed repeats it"; exit 1; }; \
		echo "round $$round passed in $$((SECONDS - began)) s"; \
	done

test-replays: setup ## Kill hub, broker and system in 20 replays of 10,000 messages (KNUTPUNKT_SEED repeats a series)
	$(SWIFT) build --build-tests $(STRICT)
	KNUTPUNKT_REPLAY_RUNS=$${KNUTPUNKT_REPLAY_RUNS:-20} KNUTPUNKT_REPLAY_SIZE=$${KNUTPUNKT_REPLAY_SIZE:-10000} \
		$(SWIFT) test --skip-build --no-parallel $(STRICT) --filter ReplayKillTests

test-roles: setup ## Kill the hub at seeded points of 20 role plans (KNUTPUNKT_SEED repeats a series)
	$(SWIFT) build --build-tests $(STRICT)
	KNUTPUNKT_ROLE_ROUNDS=$${KNUTPUNKT_ROLE_ROUNDS:-20} \
		$(SWIFT) test --skip-build --no-parallel $(STRICT) --filter RoleKillTests

test-leaks: setup ## Look for canaries everywhere after KNUTPUNKT_LEAK_FAILURES failures (5,000; KNUTPUNKT_SEED repeats a run)
	$(SWIFT) build --build-tests $(STRICT)
	KNUTPUNKT_LEAK_FAILURES=$${KNUTPUNKT_LEAK_FAILURES:-5000} \
		$(SWIFT) test --skip-build --no-parallel $(STRICT) --filter 'LeakTests'

test-agreement: setup ## Hide 500 disagreements of each of 48 kinds in a municipality of 17,000 people, find and mend them
	$(SWIFT) build --build-tests $(STRICT)
	KNUTPUNKT_DISAGREEMENTS=$${KNUTPUNKT_DISAGREEMENTS:-500} \
		$(SWIFT) test --skip-build --no-parallel $(STRICT) --filter 'disagreements of every kind'

test-memory: setup ## Run the broker's tests under the address sanitizer, leaks included (a build of its own)
	$(SWIFT) build --build-tests --sanitize=address --scratch-path .build-asan
	LSAN_OPTIONS=suppressions=Tests/leaks.supp $(SWIFT) test --skip-build --no-parallel --sanitize=address \
		--scratch-path .build-asan --filter 'Contract|WireTests|AnswerFaultCases|AddressTests|RefusalFaultCases|P16|ConsumerFaultCases'

bench: setup ## Measure adapter, mappings, whole hub and failures beside C, Python and the broker alone (ARGS="--check")
	Benchmarks/run $(ARGS)
	$(SWIFT) build -c release --product FailuresBenchmark
	.build/release/FailuresBenchmark $(filter --check,$(ARGS))

lint: ## Check format, layers of imports, scripts, what the image is built from
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)
	.ci/check-imports
	.ci/check-image
	python3 -c 'import ast, sys; [ast.parse(open(f).read(), f) for f in sys.argv[1:]]' $(PYTHONS)
	if command -v shellcheck >/dev/null; then shellcheck $(SCRIPTS); else echo "lint: shellcheck is not installed, scripts are not checked"; fi

format: ## Format the Swift sources in place
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
