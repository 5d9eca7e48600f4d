# One command for everything that people and CI run here. Go and make are all
# that a machine needs for `make demo` and `make test`; the tools of the other
# targets are built from pinned Go modules into bin/.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The Kubernetes version of `make e2e`, `make soak` and `make krew`.
export K8S ?= 1.37.2
# `make fuzz`: how long each target runs.
FUZZTIME ?= 1m

PLUGIN := bin/kubectl-indexjob
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := $(if $(VERSION),-X github.com/indexjob/kubectl-indexjob/pkg/cmd.version=$(VERSION))

# The race detector needs a C compiler, which a machine with only Go lacks.
RACE := $(if $(shell command -v $$(go env CC)),-race)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the plugin into bin/
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(PLUGIN) ./cmd/kubectl-indexjob

.PHONY: demo
demo: build ## Explain the recorded Jobs of hack/examples, without a cluster
	@set -e; for example in hack/examples/*.yaml; do \
		printf '\n$$ kubectl indexjob explain -f %s\n' "$$example"; \
		$(PLUGIN) explain -f "$$example"; \
	done

.PHONY: pictures
pictures: ## Draw the pictures of the README anew; those of the page need Chromium
	go run ./hack/pictures
	cd hack/page && go test -count=1 -run '^TestPictures$$' . -update

.PHONY: test
test: ## Run every test that needs no control plane
	go test $(RACE) -timeout 30m ./...

MODULES := $(dir $(wildcard go.mod hack/e2e/go.mod hack/oracle/go.mod hack/krew/go.mod hack/page/go.mod))

.PHONY: lint
lint: bin/tools/golangci-lint ## Run the linter over every module
	@set -e; for module in $(MODULES); do \
		echo "golangci-lint run  # in $$module"; \
		(cd "$$module" && "$(CURDIR)/$<" run --config "$(CURDIR)/.golangci.yml" ./...); \
	done

.PHONY: fmt
fmt: bin/tools/golangci-lint ## Format the code of every module
	@set -e; for module in $(MODULES); do \
		(cd "$$module" && "$(CURDIR)/$<" fmt --config "$(CURDIR)/.golangci.yml"); \
	done

.PHONY: e2e
e2e: export SEED ?= 1
e2e: build ## Explain real Jobs on a real control plane, K8S=1.37.2 (ten minutes when cold)
	cd hack/e2e && go test -count=1 -timeout 60m $$(go list ./... | grep -vE '/e2e/node(/|$$)')

.PHONY: node
node: ## Explain Jobs on a real node: kubelet and containerd, in namespaces of their own (root, cgroup v1)
	cd hack/e2e && go test -count=1 -timeout 60m -p 1 ./node/...

.PHONY: soak
soak: export JOBS ?= 200
soak: build ## Explain JOBS=200 random Jobs, drawn from SEED, on K8S=1.37.2
	cd hack/e2e && go test -count=1 -timeout 12h -v -run '^TestSoak$$' .

.PHONY: page
page: ## Open the page of --report html= in a real Chromium
	cd hack/page && go test -count=1 -timeout 20m .

.PHONY: oracle
oracle: ## Hold our rules against the Job controller itself, 50,000 syncs
	cd hack/oracle && go test -count=1 -timeout 30m ./...

.PHONY: oracle-full
oracle-full: ## The same with a million syncs (a quarter of an hour on two cores)
	cd hack/oracle && go test -count=1 -timeout 4h -v -run '^TestSync' . -scale 20

# Go before 1.27 may fail with a bare "context deadline exceeded" where FUZZTIME
# ends (go.dev/issue/75804): that alone is no finding.
.PHONY: fuzz
fuzz: ## Fuzz every target for FUZZTIME=1m
	@set -e; mkdir -p bin; grep -rEo '^func Fuzz\w+' --include='*_test.go' cmd pkg hack/recording \
	| sed -E 's,^(.*)/[^/]*:func ,\1 ,' | sort \
	| while read -r folder target; do \
		echo "== $$folder $$target"; \
		{ go test "./$$folder" -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) -fuzzminimizetime=20x </dev/null 2>&1 \
			&& echo PASSED; } | tee bin/fuzz.log; \
		grep -q '^PASSED$$' bin/fuzz.log \
			|| { grep -q '^    context deadline exceeded$$' bin/fuzz.log && ! grep -qi 'failing input\|panic' bin/fuzz.log; } \
			|| exit 1; \
	done

.PHONY: bench
bench: ## Run the benchmarks, one package at a time
	go test -p 1 -run='^$$' -bench=. -benchmem -timeout 60m ./...

.PHONY: bench-e2e
bench-e2e: ## Explain 20,000 pods of a real API server, beside kubectl, on K8S=1.37.2
	cd hack/e2e && go test -run='^$$' -bench=. -benchmem -timeout 60m ./speed

.PHONY: dist
dist: bin/tools/goreleaser bin/tools/cyclonedx-gomod ## Build the archives of all platforms and the krew manifest into dist/
	$< release --clean --skip=publish,announce $(SNAPSHOT)
	go run ./hack/release dist

# Only a commit with a tag of its own is a release; all else is a snapshot.
SNAPSHOT = $(if $(shell git describe --tags --exact-match 2>/dev/null),,--snapshot)
dist snapshot reproduce krew: export COMMIT = $(shell git rev-parse --short HEAD)
dist snapshot reproduce krew: export COMMIT_DATE = $(shell git log -1 --format=%cI)
dist snapshot reproduce krew: export COMMIT_TIMESTAMP = $(shell git log -1 --format=%ct)

.PHONY: snapshot
snapshot: bin/tools/goreleaser bin/tools/cyclonedx-gomod ## Build the archive of this platform alone into dist/
	@sed -e 's/goos: \[.*/goos: [$(shell go env GOOS)]/' -e 's/goarch: \[.*/goarch: [$(shell go env GOARCH)]/' .goreleaser.yaml > bin/snapshot.yaml
	$< release --clean --snapshot --config bin/snapshot.yaml
	go run ./hack/release dist

.PHONY: reproduce
reproduce: dist ## Build the archives once more, elsewhere, and compare every byte
	@set -e; clone=$$(mktemp -d); trap 'rm -rf "$$clone"' EXIT; \
	git clone --quiet . "$$clone"; \
	mkdir "$$clone/bin"; cp -r bin/tools "$$clone/bin/"; \
	$(MAKE) -C "$$clone" dist; \
	diff dist/checksums.txt "$$clone/dist/checksums.txt"; \
	diff dist/indexjob.yaml "$$clone/dist/indexjob.yaml"; \
	echo "two builds of $$(git rev-parse --short HEAD), the same bytes"

.PHONY: krew
krew: snapshot bin/tools/krew bin/tools/validate-krew-manifest ## Validate the manifest and install the archive with a real krew
	cd hack/krew && go test -count=1 -timeout 60m .

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin dist

# Tools are pinned by hack/tools/go.mod and built anew when it changes. An SBOM
# names the digest of the tool that wrote it: no path and no C compiler in it.
bin/tools/cyclonedx-gomod: PACKAGE = github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
bin/tools/golangci-lint: PACKAGE = github.com/golangci/golangci-lint/v2/cmd/golangci-lint
bin/tools/goreleaser: PACKAGE = github.com/goreleaser/goreleaser/v2
bin/tools/krew: PACKAGE = sigs.k8s.io/krew/cmd/krew
bin/tools/validate-krew-manifest: PACKAGE = sigs.k8s.io/krew/cmd/validate-krew-manifest
bin/tools/%: hack/tools/go.mod hack/tools/go.sum
	cd hack/tools && CGO_ENABLED=0 go build -trimpath -buildvcs=false -o ../../$@ $(PACKAGE)
