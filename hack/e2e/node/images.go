//go:build linux

package node

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// Image is what pods run: busybox, as /bin/sh and all else that it can be.
const Image = "e2e.local/busybox:1"

// pauseImage holds a pod's namespaces.
const pauseImage = "e2e.local/pause:1"

// writeImages writes both images as one OCI archive, for `ctr images import`.
func writeImages(file, busybox string) error {
	layer, err := busyboxLayer(busybox)
	if err != nil {
		return err
	}
	archive := &imageArchive{blobs: map[string][]byte{}}
	archive.add(Image, []string{"/bin/sh"}, layer)
	archive.add(pauseImage, []string{"/bin/sleep", "2147483647"}, layer)
	var b bytes.Buffer
	if err := archive.write(&b); err != nil {
		return fmt.Errorf("write image: %w", err)
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// busyboxLayer is a file system with busybox and a link for each of its names.
func busyboxLayer(busybox string) ([]byte, error) {
	program, err := os.ReadFile(busybox)
	if err != nil {
		return nil, err
	}
	names, err := exec.Command(busybox, "--list").Output()
	if err != nil {
		return nil, fmt.Errorf("ask busybox for its names: %w", err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	add := func(header tar.Header, content []byte) {
		header.Size = int64(len(content))
		if err == nil {
			err = w.WriteHeader(&header)
		}
		if err == nil {
			_, err = w.Write(content)
		}
	}
	for _, dir := range []string{"bin", "dev", "etc", "proc", "sys", "tmp"} {
		mode := int64(0o755)
		if dir == "tmp" {
			mode = 0o1777
		}
		add(tar.Header{Typeflag: tar.TypeDir, Name: dir, Mode: mode}, nil)
	}
	add(tar.Header{Typeflag: tar.TypeReg, Name: "bin/busybox", Mode: 0o755}, program)
	for name := range strings.FieldsSeq(string(names)) {
		if name != "busybox" {
			add(tar.Header{Typeflag: tar.TypeSymlink, Name: path.Join("bin", name), Linkname: "busybox", Mode: 0o777}, nil)
		}
	}
	if err != nil {
		return nil, err
	}
	return b.Bytes(), w.Close()
}

// imageArchive is an OCI image layout.
type imageArchive struct {
	blobs     map[string][]byte
	manifests []descriptor
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

func (a *imageArchive) blob(kind string, content []byte) descriptor {
	d := descriptor{MediaType: kind, Digest: fmt.Sprintf("sha256:%x", sha256.Sum256(content)), Size: len(content)}
	a.blobs[d.Digest] = content
	return d
}

func (a *imageArchive) json(kind string, value any) descriptor {
	content, err := json.Marshal(value)
	if err != nil {
		panic(err) // maps of strings
	}
	return a.blob(kind, content)
}

// add adds an image of one layer.
func (a *imageArchive) add(name string, entrypoint []string, layer []byte) {
	files := a.blob("application/vnd.oci.image.layer.v1.tar", layer)
	config := a.json("application/vnd.oci.image.config.v1+json", map[string]any{
		"architecture": runtime.GOARCH, "os": "linux",
		"config": map[string]any{"Entrypoint": entrypoint, "Env": []string{"PATH=/bin"}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{files.Digest}},
	})
	manifest := a.json("application/vnd.oci.image.manifest.v1+json", map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": config, "layers": []descriptor{files},
	})
	manifest.Annotations = map[string]string{"io.containerd.image.name": name}
	a.manifests = append(a.manifests, manifest)
}

func (a *imageArchive) write(to io.Writer) error {
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": a.manifests})
	if err != nil {
		return err
	}
	files := map[string][]byte{"oci-layout": []byte(`{"imageLayoutVersion":"1.0.0"}`), "index.json": index}
	for digest, content := range a.blobs {
		files[filepath.Join("blobs", strings.ReplaceAll(digest, ":", "/"))] = content
	}
	w := tar.NewWriter(to)
	for name, content := range files {
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(content)), Mode: 0o644}); err != nil {
			return err
		}
		if _, err := w.Write(content); err != nil {
			return err
		}
	}
	return w.Close()
}
