package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/indexjob/kubectl-indexjob/hack/e2e/scenarios"
	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

const (
	rightsNamespace = "rights"
	rightsJob       = "two-indexes-fail"
)

// TestRights gives users the Role of docs/role.yaml, each without one of its
// rights, and holds what explain says to them. The API server's own RBAC
// decides.
func TestRights(t *testing.T) {
	t.Parallel()
	runJobOfRights(t)
	role := leastRole(t)

	whole := ask(t, grant(t, "whole", role))
	if e := whole.explanation(t); len(e.Evidence.Gaps) > 0 || e.Agreement.Result != v1alpha1.Agrees || e.Evidence.Pods != 12 {
		t.Errorf("with the whole Role: %d pods, %s, gaps %v", e.Evidence.Pods, e.Agreement.Result, e.Evidence.Gaps)
	}
	if whole.stderr != "" {
		t.Errorf("with the whole Role it complains:\n%s", whole.stderr)
	}
	want := whole.explanation(t).Counts

	for _, test := range []struct {
		without string
		gap     string // what is said to be missing
		error   string // what is said instead of an answer
	}{
		{"get jobs", "", `error: reading job rights/two-indexes-fail: jobs.batch "two-indexes-fail" is forbidden: User "without-get-jobs" cannot get resource`},
		{"list jobs", "", ""},
		{"watch jobs", "", ""},
		{"get pods", "", ""},
		{"list pods", "Pods", ""},
		{"watch pods", "", ""},
		{"list events", "Events", ""},
		{"get pods/log", "", ""},
	} {
		t.Run("without "+test.without, func(t *testing.T) {
			user := grant(t, "without "+test.without, without(t, role, test.without))
			answer := ask(t, user)
			if test.error != "" {
				if !strings.HasPrefix(answer.stderr, test.error) || !strings.Contains(answer.stderr, "\nhint: ") || answer.status != 1 || answer.stdout != "" {
					t.Errorf("status %d, said:\n%s", answer.status, answer.stderr)
				}
				return
			}
			e := answer.explanation(t)
			for fate, n := range want {
				if e.Counts[fate] != n {
					t.Errorf("%d %s, want %d as with the whole Role", e.Counts[fate], fate, n)
				}
			}
			gap := slices.ContainsFunc(e.Evidence.Gaps, func(g v1alpha1.Gap) bool { return string(g.Kind) == test.gap })
			if test.gap == "" && len(e.Evidence.Gaps) > 0 || test.gap != "" && !gap {
				t.Errorf("gaps %v, want %s", e.Evidence.Gaps, test.gap)
			}
		})
	}

	t.Run("without list jobs, no name", func(t *testing.T) {
		user := grant(t, "no name", without(t, role, "list jobs"))
		answer := ask(t, user, "indexjob", "explain")
		if answer.status != 1 || !strings.HasPrefix(answer.stderr, "error: listing the Jobs of namespace rights: ") {
			t.Errorf("status %d, said:\n%s", answer.status, answer.stderr)
		}
	})
	t.Run("nothing but get and list on jobs and pods", func(t *testing.T) {
		least := role.DeepCopy()
		for _, right := range []string{"watch jobs", "watch pods", "list events", "get pods/log"} {
			least = without(t, least, right)
		}
		e := ask(t, grant(t, "least", least)).explanation(t)
		if e.Evidence.Pods != 12 || e.Agreement.Result != v1alpha1.Agrees {
			t.Errorf("%d pods, %s", e.Evidence.Pods, e.Agreement.Result)
		}
	})
}

// runJobOfRights plays a Job that ends in a namespace of its own.
func runJobOfRights(t *testing.T) {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: rightsNamespace}}
	if _, err := stage.Client.CoreV1().Namespaces().Create(t.Context(), namespace, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	all := scenarios.Documents()
	scenario := all[slices.IndexFunc(all, func(s scenarios.Scenario) bool { return s.Job.Name == rightsJob })]
	scenario.Job.Namespace = rightsNamespace
	if _, err := scenario.Run(t.Context(), stage); err != nil {
		t.Fatal(err)
	}
}

func leastRole(t *testing.T) *rbacv1.Role {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "role.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	role := &rbacv1.Role{}
	if err := yaml.UnmarshalStrict(data, role); err != nil {
		t.Fatal(err)
	}
	return role
}

// without takes a right, such as "list pods", out of a Role.
func without(t *testing.T, role *rbacv1.Role, right string) *rbacv1.Role {
	t.Helper()
	verb, resource, _ := strings.Cut(right, " ")
	role = role.DeepCopy()
	for i := range role.Rules {
		rule := &role.Rules[i]
		if at := slices.Index(rule.Verbs, verb); at >= 0 && slices.Equal(rule.Resources, []string{resource}) {
			rule.Verbs = slices.Delete(rule.Verbs, at, at+1)
			role.Rules = slices.DeleteFunc(role.Rules, func(r rbacv1.PolicyRule) bool { return len(r.Verbs) == 0 })
			return role
		}
	}
	t.Fatalf("the Role has no right %s", right)
	return nil
}

// grant makes a user who has the Role and nothing else, and waits until the API
// server knows.
func grant(t *testing.T, name string, role *rbacv1.Role) (user string) {
	t.Helper()
	user = strings.NewReplacer(" ", "-", "/", "-").Replace(name)
	role = role.DeepCopy()
	role.Name, role.Namespace = user, rightsNamespace
	rbac := stage.Client.RbacV1()
	if _, err := rbac.Roles(rightsNamespace).Create(t.Context(), role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: user},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: user},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	}
	if _, err := rbac.RoleBindings(rightsNamespace).Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	rule := role.Rules[0]
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{User: user, ResourceAttributes: &authorizationv1.ResourceAttributes{
		Namespace: rightsNamespace, Group: rule.APIGroups[0], Resource: rule.Resources[0], Verb: rule.Verbs[0],
	}}}
	for {
		answer, err := stage.Client.AuthorizationV1().SubjectAccessReviews().Create(t.Context(), review, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if answer.Status.Allowed {
			return user
		}
		time.Sleep(50 * time.Millisecond)
	}
}

type answer struct {
	stdout, stderr string
	status         int
}

// ask runs kubectl as that user: explain, unless told otherwise.
func ask(t *testing.T, user string, args ...string) answer {
	t.Helper()
	if args == nil {
		args = []string{"indexjob", "explain", rightsJob, "-o", "json"}
	}
	stdout, stderr, status, err := kubectl(t.Context(), append(args, "-n", rightsNamespace, "--as", user)...)
	if err != nil {
		t.Fatal(err)
	}
	return answer{stdout, stderr, status}
}

func (a answer) explanation(t *testing.T) *v1alpha1.Explanation {
	t.Helper()
	var e v1alpha1.Explanation
	if err := json.Unmarshal([]byte(a.stdout), &e); err != nil {
		t.Fatalf("%v\n%s%s", err, a.stdout, a.stderr)
	}
	return &e
}
