package kubernetes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/validation"
)

// decode takes unknown and repeated fields for errors.
func decode(text string) (*batch.Job, error) {
	scheme := runtime.NewScheme()
	if err := batch.AddToScheme(scheme); err != nil {
		return nil, err
	}
	s := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Yaml: true, Strict: true})
	object, _, err := s.Decode([]byte(text), nil, nil)
	if err != nil {
		return nil, err
	}
	return object.(*batch.Job), nil
}

func read(t *testing.T, path string) *batch.Job {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	job, err := decode(string(text))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return job
}

// Every manifest is a Job of the API, whose fields have what they are to have.
func TestManifests(t *testing.T) {
	files, err := filepath.Glob("../testdata/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("manifests %v, %v", files, err)
	}
	for _, path := range files {
		job := read(t, path)
		if problems := validation.IsDNS1123Label(job.Name); len(problems) > 0 {
			t.Errorf("%s: name %q: %v", path, job.Name, problems)
		}
		if m := job.Spec.CompletionMode; m == nil || *m != batch.IndexedCompletion || *job.Spec.Completions != 4 || *job.Spec.BackoffLimitPerIndex != 3 {
			t.Errorf("%s: %+v", path, job.Spec)
		}
		pod := job.Spec.Template.Spec
		if pod.RestartPolicy != core.RestartPolicyNever || len(pod.Containers) != 1 || len(pod.Volumes) != 1 || pod.Volumes[0].PersistentVolumeClaim == nil {
			t.Fatalf("%s: pod %+v", path, pod)
		}
		c := pod.Containers[0]
		if c.VolumeMounts[0].Name != pod.Volumes[0].Name || c.Resources.Limits.Cpu().Value() < 1 || c.Resources.Requests.Memory().Value() < 1<<20 {
			t.Errorf("%s: container %+v", path, c)
		}
		for _, rule := range job.Spec.PodFailurePolicy.Rules {
			if rule.OnExitCodes != nil && *rule.OnExitCodes.ContainerName != c.Name {
				t.Errorf("%s: a rule is of container %q", path, *rule.OnExitCodes.ContainerName)
			}
		}
	}
}

// The first manifest by hand.
func TestJob(t *testing.T) {
	job := read(t, "../testdata/job.yaml")
	pod := job.Spec.Template.Spec
	c := pod.Containers[0]
	if got := strings.Join(c.Command, " "); got != "shoal sweep run /sweep --item $(JOB_COMPLETION_INDEX)" || c.Image != "registry.example/shoal:1" {
		t.Errorf("image %q, command %q", c.Image, got)
	}
	if *job.Spec.Parallelism != 2 || c.Resources.Limits.Cpu().String() != "2" || c.Resources.Limits.Memory().String() != "4Gi" || pod.Volumes[0].PersistentVolumeClaim.ClaimName != "runs" {
		t.Errorf("spec %+v", job.Spec)
	}
	var rules []string
	for _, r := range job.Spec.PodFailurePolicy.Rules {
		codes := ""
		if r.OnExitCodes != nil {
			for _, v := range r.OnExitCodes.Values {
				codes += string(rune('0'+v/10)) + string(rune('0'+v%10)) + " "
			}
		}
		rules = append(rules, string(r.Action)+" "+codes)
	}
	if got := strings.Join(rules, "|"); got != "Ignore 75 |Ignore |FailIndex 01 02 " {
		t.Errorf("rules %q", got)
	}
}

// What isn't in the API is an error, and so is a field that is there twice.
func TestDecodeCanFail(t *testing.T) {
	text, err := os.ReadFile("../testdata/job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range []string{
		strings.Replace(string(text), "backoffLimitPerIndex:", "backoffLimitPerItem:", 1),
		strings.Replace(string(text), "  parallelism: 2\n", "  parallelism: 2\n  parallelism: 3\n", 1),
		strings.Replace(string(text), "completions: 4", "completions: four", 1),
		strings.Replace(string(text), "kind: Job", "kind: Jobs", 1),
	} {
		if broken == string(text) {
			t.Fatal("nothing was broken")
		}
		if _, err := decode(broken); err == nil {
			t.Errorf("decoded:\n%s", broken)
		}
	}
}
