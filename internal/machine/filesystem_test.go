package machine

import "testing"

func TestNetworkFileSystem(t *testing.T) {
	if kind := NetworkFileSystem("/proc"); kind != "" {
		t.Errorf("/proc is taken for %q", kind)
	}
	if kind := NetworkFileSystem("/no/such/folder"); kind != "" {
		t.Errorf("a folder that isn't there is on %q", kind)
	}
}
