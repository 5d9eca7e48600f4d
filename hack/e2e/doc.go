// Package e2e runs real Jobs on a real control plane, with the nodes played by
// scripts, and records what a client could read beside what in truth happened.
//
//	go test ./...                              everything, on Kubernetes 1.37.2
//	go test . -run TestDocuments -record       write the recordings of the documents' Jobs, and hack/examples
//	go test . -run TestCorpus -record          write the rest of hack/recording/testdata
//	go test . -run TestLarge -record           write the Job of 2,000 indexes of hack/examples; two minutes, run it alone
//	go test . -record -k8s 1.33.13             write what versions tell differently, of another version
//	JOBS=500 K8S=1.33.13 SEED=7 go test . -run TestSoak -keep DIR
//	                                           random Jobs; DIR gets those about which we are wrong
//
// The first run builds the control plane into
// ${INDEXJOB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/indexjob-e2e}, which takes
// about ten minutes on two cores: give `go test` a -timeout of 60m. The Go
// toolchain has to be in the PATH.
package e2e
