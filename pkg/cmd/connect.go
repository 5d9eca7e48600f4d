package cmd

import (
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/indexjob/kubectl-indexjob/pkg/cluster"
	"github.com/indexjob/kubectl-indexjob/pkg/terminal"
)

// connect makes the client that the kubeconfig and kubectl's flags describe, and
// names the namespace that they choose.
func connect(flags *genericclioptions.ConfigFlags, t terminal.Terminal, chunkSize int64) (client *cluster.Client, namespace string, err error) {
	namespace, _, err = flags.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return nil, "", kubeconfigError(err)
	}
	config, err := flags.ToRESTConfig()
	if err != nil {
		return nil, "", kubeconfigError(err)
	}
	client, err = cluster.NewClient(config, t.Now)
	if err != nil {
		return nil, "", kubeconfigError(err)
	}
	client.ChunkSize = chunkSize
	return client, namespace, nil
}

func kubeconfigError(err error) error {
	return fmt.Errorf("reading the kubeconfig: %w\nhint: kubectl config view shows it; -f explains files without a cluster", err)
}

func addChunkSize(cmd *cobra.Command, size *int64) {
	cmd.Flags().Int64Var(size, "chunk-size", *size, "How many objects to ask the server for at a time; 0 asks for all at once.")
}

func checkChunkSize(size int64) error {
	if size < 0 {
		return fmt.Errorf("--chunk-size %d is negative\nhint: %d is the default, 0 asks for all at once", size, cluster.DefaultChunkSize)
	}
	return nil
}
