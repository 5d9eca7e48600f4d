// Package viewtest is hostile text, for whoever draws an Explanation: the views, and
// the browser that the page is opened in.
package viewtest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/indexjob/kubectl-indexjob/pkg/api/v1alpha1"
)

// Attacks are what text from a cluster may try on whoever reads it.
var Attacks = []string{
	"\x1b[31mred\x1b[2J\x1b]0;title\a\x1bP$q\x1b\\\x1bc\x9b31m",
	"\u009b31m\u0090\u009d8;;http://evil\u009c",
	"\r\n::error::injected\n##vso[task]\nsection_end:1:x\r\x1b[0K\v\f\b\x00\x7f\u0085\u2028\u2029",
	"\u202egnp.exe\u202c \u2066a\u2069 \u061c\u200e\u200f",
	"z\u200be\u200cr\u200do\u2060w\ufeffi\u00add\u034ft\u180eh\ufe0f\u3164\U000e0041",
	"\xff\xfe\xc3( \xed\xa0\x80 \xf4\x90\x80\x80",
	strings.Repeat("endless ", 4000) + "\x1b[31m",
	"' \"; $(reboot) `reboot` \\",
	strings.Repeat("::error::##vso[task]", 60),
	"--- a\n+++ b\n~~~ c\n^^^ +++\n--- ",
	"e" + strings.Repeat("\u0301", 300) + " \u0338\u20dd\u2800\ufffc\U000133fc\u00a0\u3000 " + strings.Repeat("\u0915\u094d", 300) + strings.Repeat("\U0001f3fb", 300),
	"mail root@example.com, mailto:a@b.c",
	"-rf --index=0",
	`</script></style></title></pre></svg><script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">a</a><base href=//evil>`,
	`" onfocus=alert(1) autofocus x="' onload='alert(1) {{.}} ${alert(1)} &lt;script&gt; <!-- --!> ]]> <meta http-equiv=refresh content=0;url=//evil>`,
}

// Explanation is an Explanation in which every string is the attack, and everything
// is there once; each fate has an index of its own.
func Explanation(attack string) *v1alpha1.Explanation {
	e := &v1alpha1.Explanation{}
	fill(reflect.ValueOf(e).Elem(), attack)
	record := e.Fates[0]
	e.Fates = nil
	for i, fate := range append(slices.Clone(v1alpha1.Fates), v1alpha1.Fate(attack)) {
		record.Index, record.LastIndex, record.Fate = int32(i), nil, fate
		e.Fates = append(e.Fates, record)
	}
	*e.Spec.Completions = int32(len(e.Fates))
	return e
}

// List is a list of Jobs in which every string is the attack.
func List(attack string) *v1alpha1.JobSummaryList {
	list := &v1alpha1.JobSummaryList{}
	fill(reflect.ValueOf(list).Elem(), attack)
	return list
}

// fill puts text into every string, and something into all else.
func fill(v reflect.Value, text string) {
	switch v.Interface().(type) {
	case metav1.Time:
		v.Set(reflect.ValueOf(metav1.Unix(1_790_000_000, 0)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(2)
	case reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), text)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, text)
		fill(value, text)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), text)
		}
	default:
		panic(fmt.Sprintf("the contract has a %s", v.Type()))
	}
}
