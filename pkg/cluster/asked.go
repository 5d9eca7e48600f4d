package cluster

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
)

// errOtherAnswer: a proxy or a cache has mixed up what was asked.
var errOtherAnswer = errors.New("the server answers with what was not asked for")

// The fields that name what is asked for.
const (
	fieldName      = "metadata.name"
	fieldAboutName = "involvedObject.name"
	fieldAboutUID  = "involvedObject.uid"
)

// namedIn is what a field selector, one of our own, names, whatever else it
// selects.
func namedIn(selector string) fields.Set {
	parsed := fields.ParseSelectorOrDie(selector)
	named := fields.Set{}
	for _, field := range []string{fieldName, fieldAboutName, fieldAboutUID} {
		if value, is := parsed.RequiresExactMatch(field); is {
			named[field] = value
		}
	}
	return named
}

// checkAnswer refuses an object of another namespace, name or UID than was asked
// for. The namespace is "" for all, and for what has none.
func checkAnswer(object runtime.Object, namespace string, named fields.Set) error {
	metadata, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	if namespace != metav1.NamespaceAll && metadata.GetNamespace() != namespace {
		return fmt.Errorf("%w: %q is of namespace %q", errOtherAnswer, metadata.GetName(), metadata.GetNamespace())
	}
	got := fields.Set{fieldName: metadata.GetName()}
	if event, ok := object.(*corev1.Event); ok {
		got[fieldAboutName], got[fieldAboutUID] = event.InvolvedObject.Name, string(event.InvolvedObject.UID)
	}
	for field, want := range named {
		if got[field] != want {
			return fmt.Errorf("%w: %s is %q, not %q", errOtherAnswer, field, got[field], want)
		}
	}
	return nil
}
