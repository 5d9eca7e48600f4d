package cmd

import (
	"testing"
	"time"
)

func TestATimeoutIsToldAsItIsTyped(t *testing.T) {
	for timeout, want := range map[time.Duration]string{
		4 * time.Second: "4s", 300 * time.Millisecond: "300ms", 30 * time.Minute: "30m", 90 * time.Second: "1m30s", 2 * time.Hour: "2h", 100 * time.Minute: "1h40m",
	} {
		o := &waitOptions{timeout: timeout}
		if got := o.timeoutInWords(); got != want {
			t.Errorf("%v: got %q, want %q", timeout, got, want)
		}
	}
}
