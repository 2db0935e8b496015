# FlexBench: from a bare machine to the paper's tables and figures.
#
#   make reproduce   set-up, release build, all paper scenarios, validation, figures, claims
#   make test        set-up, all tests
#   make check       clean build without warnings, format lint, two-process determinism, the kernel's
#                    instruction counts, sanitizers, then test
#   make build       release build
#   make figures     figures of the results that are there
#   make bench       the kernel's speed beside C++ and SimPy; bench-instructions: callgrind counts
#   make isolation   30 000 runs beside a hostile operating system, and every mistake made on purpose
#   make sanitize    the kernel's tests, and runs in parallel, under the address and thread sanitizers
#   make install     program, scenarios, templates and completions under $(DESTDIR)$(PREFIX)
#   make clean       removes what was built and the results

PREFIX ?= /usr/local
DESTDIR ?=

SWIFT = swift
FLEXBENCH = .build/release/flexbench
EXPERIMENTS = cold-ttft memory-pressure decode ablation multi-model workflows headline reclaim normal-world
TZ_EXPERIMENTS = tz-llm-ttft tz-llm-ablation
# Those with a template in plots.
FIGURES = cold-ttft memory-pressure decode multi-model workflows normal-world
RESULTS = $(FIGURES:%=Results/%.h5)
CLAIMS = Scenarios/paper/claims.yaml

.DELETE_ON_ERROR:
.PHONY: reproduce test check build figures bench bench-instructions isolation policies sanitize install \
  clean setup release-build warnings lint determinism

# Every make must rebuild what changed, and only the package manager knows what that is.
build: setup release-build

release-build:
	$(SWIFT) build -c release --product flexbench

reproduce: build
	@for name in $(EXPERIMENTS); do \
	  $(FLEXBENCH) run Scenarios/paper/$$name.yaml && $(FLEXBENCH) report Results/$$name.h5 && echo \
	    || exit $$?; \
	done
	@for name in $(TZ_EXPERIMENTS); do \
	  $(FLEXBENCH) run Scenarios/tz-llm/$$name.yaml && $(FLEXBENCH) report Results/$$name.h5 && echo \
	    || exit $$?; \
	done
	@$(FLEXBENCH) validate --results Results
	@echo
	@$(FLEXBENCH) plot $(RESULTS)
	@echo
	@$(FLEXBENCH) check $(CLAIMS)

figures: build
	@test -n "$(wildcard $(RESULTS))" || \
	  { echo "no results to draw: make reproduce, or flexbench run" >&2; exit 66; }
	$(FLEXBENCH) plot $(wildcard $(RESULTS))

# The C++ that the kernel is compared with is built by the toolchain's own clang++: g++ would make it
# slower and flatter us.
.build/bench/reference: Sources/KernelBenchmark/Reference/reference.cpp
	@mkdir -p $(@D)
	$(dir $(shell command -v $(SWIFT)))clang++ -O3 -std=c++20 -o $@ $<

bench: setup .build/bench/reference
	$(SWIFT) build -c release --product KernelBenchmark
	.build/release/KernelBenchmark compare .build/bench/reference

# RECORD=1 makes the recorded values anew.
check bench-instructions: TOOLS = valgrind
bench-instructions: setup
	$(SWIFT) build -c release --product KernelBenchmark
	.build/release/KernelBenchmark instructions Sources/KernelBenchmark/instructions.csv \
	  $(if $(RECORD),record)

test: setup
	$(SWIFT) test

check: setup warnings lint determinism isolation bench-instructions sanitize
	@$(MAKE) --no-print-directory test

# No seed may break a rule in any design; every mistake must be found by the run and by the verifier,
# both of which say so with exit code 4. A design without the mechanism has nothing to break: 64.
HOSTILE = Scenarios/isolation/hostile-os.yaml
# What each cache policy is worth, over all groups, data sets and workflows.
policies: build
	@for name in multi-model workflows; do \
	  $(FLEXBENCH) run $$name --set designs=flexserve --output Results/policies-$$name.h5 \
	    --set design.cachePolicy=none,lru,fixed-prefix,stall-free 2> /dev/null && \
	  $(FLEXBENCH) report Results/policies-$$name.h5 --across design.cachePolicy && echo || exit $$?; \
	done

# What a run says is filtered, and how it ends counts.
isolation: SHELL = bash
isolation: .SHELLFLAGS = -o pipefail -c
isolation: build
	@mkdir -p .build/isolation && rm -rf .build/isolation/*
	@run="$(FLEXBENCH) run $(HOSTILE) --output .build/isolation/runs.h5"; \
	$$run --cost 2>&1 | grep -v '^ \|^note' && \
	for change in idleWindow=20 npuHandOver=coDriver allocation=perChunk; do \
	  echo "flexserve, $$change:"; \
	  $$run --set designs=flexserve --set design.$$change 2>&1 | grep -v '^ \|^note' || exit 1; \
	done && \
	echo "flexserve, both models too much for memory:"; \
	$$run --set designs=flexserve --set design.idleWindow=20 --set "backgroundMemory=16000 MiB" 2>&1 \
	  | grep -v '^ \|^note' && \
	for change in cacheShare=60 compute=cpu preemption=off; do \
	  echo "tz-llm, $$change:"; \
	  $$run --set designs=tz-llm --set design.$$change 2>&1 | grep -v '^ \|^note' || exit 1; \
	done && \
	$$run --set seed=1,2,3,4,5,6,7,8,9 --certificate .build/isolation/good > /dev/null 2>&1 && \
	$(FLEXBENCH) verify .build/isolation/good/*.certificate | tail -1 || exit 1; \
	found=0; \
	for way in $$($(FLEXBENCH) list sabotages | sed -n 's/^  \([a-z0-9-]*\)  .*/\1/p'); do \
	  for design in nw-base strawman strawman-opt flexserve tz-llm; do \
	    certificates=.build/isolation/$$way-$$design; \
	    $$run --set seed=1 --set designs=$$design --sabotage $$way --certificate $$certificates \
	      > /dev/null 2>&1; \
	    code=$$?; \
	    if test $$code = 64; then continue; fi; \
	    $(FLEXBENCH) verify $$certificates/*.certificate > /dev/null 2>&1; verdict=$$?; \
	    if test $$code != 4 || test $$verdict != 4; then \
	      echo "$$way in $$design: run ends with $$code, verify with $$verdict"; exit 1; \
	    fi; \
	    found=$$((found + 1)); \
	  done; \
	done; \
	workload="$(FLEXBENCH) run morning --output .build/isolation/workload.h5 --certificate"; \
	$$workload .build/isolation/workload > /dev/null 2>&1 && \
	$(FLEXBENCH) verify .build/isolation/workload/*.certificate | tail -1 || exit 1; \
	$$workload .build/isolation/leak --sabotage skip-encryption > /dev/null 2>&1; code=$$?; \
	$(FLEXBENCH) verify .build/isolation/leak/*.certificate > /dev/null 2>&1; verdict=$$?; \
	test $$code = 4 && test $$verdict = 4 && found=$$((found + 1)); \
	echo "$$found mistakes made on purpose, each found by the run and by verify"; \
	test $$found = 64

# The kernel, with its raw memory, under the address sanitizer; under the thread sanitizer also points
# that run in parallel, but not the long workloads on one thread. Without XCTest's runner, which would
# find no test.
sanitize: setup
	@mkdir -p .build
	@run() { \
	  sanitizer=$$1; shift; \
	  echo "$(SWIFT) test --sanitize=$$sanitizer"; \
	  env "$$@" --sanitize=$$sanitizer --disable-xctest --filter SimulationKernelTests \
	    --scratch-path .build-sanitize-$$sanitizer > .build/sanitize.log 2>&1 || \
	    { cat .build/sanitize.log; exit 1; }; \
	  grep 'Test run with' .build/sanitize.log; \
	}; \
	run address FLEXBENCH_KERNEL_ONLY=1 $(SWIFT) test && \
	run thread $(SWIFT) test --filter theNumberOfJobsChangesNothing \
	  --filter aPointThatFailsFailsAlone --skip GoldenWorkloadTests

# A clean build, debug with tests and release, in which no line is a warning.
warnings:
	$(SWIFT) package clean
	@mkdir -p .build
	@for options in "--build-tests" "-c release --product flexbench"; do \
	  echo "$(SWIFT) build $$options"; \
	  $(SWIFT) build $$options > .build/check.log 2>&1 || { cat .build/check.log; exit 1; }; \
	  if grep 'warning:' .build/check.log; then echo "the build has warnings"; exit 1; fi; \
	done

lint:
	$(SWIFT) format lint --strict -r Package.swift Sources Tests

# Two processes of each build, with one and with two jobs: equal bytes. Fewer requests do for that.
determinism: OPTIONS_multi-model = --set requestCount=8 --set warmUp=2
# The headline has no runs of its own.
determinism: warnings
	@mkdir -p .build/determinism
	@for name in $(filter-out headline,$(EXPERIMENTS)); do \
	  case $$name in multi-model) options="$(OPTIONS_multi-model)";; *) options="";; esac; \
	  for build in debug release; do \
	    for jobs in 1 2; do \
	      .build/$$build/flexbench run Scenarios/paper/$$name.yaml --jobs $$jobs $$options \
	        --output .build/determinism/$$name-$$build-$$jobs.h5 2> /dev/null || exit $$?; \
	      cmp .build/determinism/$$name-debug-1.h5 .build/determinism/$$name-$$build-$$jobs.h5 \
	        || exit 1; \
	    done; \
	  done; \
	  echo "$$name: equal bytes from debug and release, one and two jobs"; \
	done

# Installs what is missing. Swift itself is not in Debian, so it must be there.
setup:
	@command -v $(SWIFT) > /dev/null || \
	  { echo "Swift 6.3 is not installed: https://www.swift.org/install/linux/" >&2; exit 69; }
	@missing=""; \
	command -v pkg-config > /dev/null || missing="$$missing pkg-config"; \
	pkg-config --exists gsl 2> /dev/null || missing="$$missing libgsl-dev"; \
	pkg-config --exists hdf5-serial 2> /dev/null || missing="$$missing libhdf5-dev"; \
	command -v gnuplot > /dev/null || missing="$$missing gnuplot-nox fonts-dejavu-core"; \
	command -v h5dump > /dev/null || missing="$$missing hdf5-tools"; \
	for tool in $(TOOLS); do command -v $$tool > /dev/null || missing="$$missing $$tool"; done; \
	test -z "$$missing" && exit 0; \
	command -v apt-get > /dev/null || \
	  { echo "needed, and there is no apt-get to install it with:$$missing" >&2; exit 69; }; \
	if test "$$(id -u)" = 0; then run=""; \
	elif command -v sudo > /dev/null; then run="sudo"; \
	else echo "needed, and neither root nor sudo to install it:$$missing" >&2; exit 69; fi; \
	echo "installing$$missing"; \
	$$run apt-get update -qq && \
	  $$run env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends $$missing > /dev/null || \
	  { echo "apt-get could not install$$missing" >&2; exit 69; }

# The Swift runtime goes into the program: it runs where no toolchain is.
install: setup
	$(SWIFT) build -c release --product flexbench --static-swift-stdlib --scratch-path .build-install
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/flexbench \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -s .build-install/release/flexbench $(DESTDIR)$(PREFIX)/bin/flexbench
	cp -R Scenarios plots $(DESTDIR)$(PREFIX)/share/flexbench
	.build-install/release/flexbench --generate-completion-script bash \
	  > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/flexbench
	.build-install/release/flexbench --generate-completion-script zsh \
	  > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_flexbench
	.build-install/release/flexbench --generate-completion-script fish \
	  > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/flexbench.fish

clean:
	rm -rf .build .build-install .build-sanitize-* Results/*.h5 Results/figures
