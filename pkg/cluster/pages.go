package cluster

import (
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// maxRestarts is how often a list that expired half-way begins anew.
const maxRestarts = 2

// maxIdlePages is how many pages of a list may bring nothing. API servers have
// none; what stands before them, and filters, may.
const maxIdlePages = 100

var errNoEnd = errors.New("the list has no end")

// pageRead is what eachPage has to know of a page.
type pageRead struct {
	next    string // the token of the next page, empty on the last
	version string // of the list, where a watch goes on from
	objects int
}

func readOf(list interface {
	runtime.Object
	metav1.ListInterface
},
) pageRead {
	return pageRead{list.GetContinue(), list.GetResourceVersion(), meta.LenList(list)}
}

// eachPage asks for one page of a list after the other; read reads one. Where the
// list expires half-way (410: the revision it was taken at is compacted away) it
// begins anew and restart drops what was gathered: going on from a later revision
// could miss a pod, or give one twice. The resourceVersion stays unset: "0" makes
// a server ignore the limit.
func (c *Client) eachPage(options metav1.ListOptions, read func(metav1.ListOptions) (pageRead, error), restart func()) error {
	options.Limit = c.ChunkSize
	var pages pageCount
	for restarts := 0; ; {
		page, err := read(options)
		switch {
		case err != nil && options.Continue != "" && (apierrors.IsResourceExpired(err) || apierrors.IsGone(err)):
			if restarts == maxRestarts {
				return fmt.Errorf("the list expired %d times half-way: %w", restarts+1, err)
			}
			restarts++
			restart()
			options.Continue, pages = "", pageCount{}
			continue
		case err != nil:
			return err
		case page.next == "":
			return nil
		}
		if err := pages.add(page); err != nil {
			return err
		}
		options.Continue = page.next
	}
}

// pageCount finds out that a list never ends, at a cost that does not grow with
// the list: its tokens go in a circle, or its pages bring nothing.
type pageCount struct {
	pages, objects int
	// mark is the token of the last page whose number is a power of two: in a
	// circle it comes again before there are twice as many (Brent's algorithm).
	mark string
}

func (p *pageCount) add(page pageRead) error {
	p.pages++
	p.objects += page.objects
	switch {
	case page.next == p.mark:
		return fmt.Errorf("%w: the server gave the same page twice", errNoEnd)
	case p.pages > maxIdlePages+p.objects:
		return fmt.Errorf("%w: %d pages brought %d objects", errNoEnd, p.pages, p.objects)
	case p.pages&(p.pages-1) == 0:
		p.mark = page.next
	}
	return nil
}
