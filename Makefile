# One command for everything that people and CI run here. Go and make are all
# that a machine needs for `make demo` and `make test`; the tools of the other
# targets are built from pinned Go modules into bin/.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The Kubernetes version of `make e2e` and `make soak`.
export K8S ?= 1.37.2
# `make soak`: how many random Jobs, and the seed that they are drawn from.
export JOBS ?= 200
export SEED ?= 1
# `make fuzz`: how long each target runs.
FUZZTIME ?= 1m

PLUGIN := bin/kubectl-indexjob
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := $(if $(VERSION),-X github.com/indexjob/kubectl-indexjob/pkg/cmd.version=$(VERSION))

# The race detector needs a C compiler, which a machine with only Go lacks.
RACE := $(if $(shell command -v $$(go env CC)),-race)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the plugin into bin/
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(PLUGIN) ./cmd/kubectl-indexjob

.PHONY: demo
demo: build ## Explain the recorded Jobs of hack/examples, without a cluster
	@set -e; for example in hack/examples/*.yaml; do \
		printf '\n$$ kubectl indexjob explain -f %s\n' "$$example"; \
		$(PLUGIN) explain -f "$$example"; \
	done

.PHONY: test
test: ## Run every test that needs no control plane
	go test $(RACE) ./...

.PHONY: lint
lint: ## Vet the code of every module
	go vet ./...

.PHONY: e2e
e2e: ## Explain real Jobs on a real control plane (K8S=1.37.2; ten minutes when cold)
	cd hack/e2e && go test -count=1 -timeout 60m ./...

.PHONY: oracle
oracle: ## Hold our rules against the Job controller's own functions
	cd hack/oracle && go test -timeout 30m ./...

.PHONY: fuzz
fuzz: ## Fuzz every target for FUZZTIME=1m
	@set -e; grep -rEo '^func Fuzz\w+' --include='*_test.go' cmd pkg hack/recording \
	| sed -E 's,^(.*)/[^/]*:func ,\1 ,' | sort \
	| while read -r folder target; do \
		echo "== $$folder $$target"; \
		go test "./$$folder" -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) </dev/null; \
	done

.PHONY: bench
bench: ## Run the benchmarks
	go test -run='^$$' -bench=. -benchmem ./...

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin dist
