package sweep

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"shoal/internal/usage"
)

// Cluster is where Kubernetes runs a sweep.
type Cluster struct {
	Image string // that has shoal
	Claim string // name of the volume claim with the sweep's folder
	Mount string // where it is mounted; the sweep's folder is below it
}

// Kubernetes returns the manifest of an indexed Job, YAML, with an index for each item of the sweep in
// dir; an item that is finished ends at once. command runs an item inside of the container, with paths as
// they are there.
//
// A pod that ends with status 75, or that the cluster took away, is replaced and doesn't count. Status 1
// or 2 fails its index for good, and no other. Everything else, such as a container that was killed for
// its memory, is tried three times more.
func Kubernetes(dir string, command []string, r Resources, c Cluster) (string, error) {
	if err := r.Check(); err != nil {
		return "", err
	}
	switch {
	case r.Time > 0:
		return "", usage.Errorf("a time of %v for an item: Kubernetes interrupts no pod for its time", r.Time)
	case c.Image == "":
		return "", usage.Errorf("no image: name one that has shoal")
	case c.Claim == "":
		return "", usage.Errorf("no volume claim: name the one that has the folder of the sweep")
	case !path.IsAbs(c.Mount):
		return "", usage.Errorf("the volume is mounted at %q: want an absolute path", c.Mount)
	}
	items, err := Read(dir)
	if err != nil {
		return "", err
	}
	if len(unfinished(dir, items)) == 0 {
		return "", fmt.Errorf("sweep %q: %w", dir, ErrFinished)
	}
	parallel := len(items)
	if r.Jobs > 0 {
		parallel = min(parallel, r.Jobs)
	}
	var words []string
	for _, word := range command {
		words = append(words, quoteYAML(dollars(word)))
	}
	words = append(words, quoteYAML("$(JOB_COMPLETION_INDEX)"))
	return fmt.Sprintf(manifest, quoteYAML(jobName(dir)), len(items), parallel, quoteYAML(c.Image), strings.Join(words, ", "),
		r.CPUs, r.Memory, r.CPUs, r.Memory, quoteYAML(c.Mount), quoteYAML(c.Claim)), nil
}

// dollars keeps Kubernetes from reading $(NAME) in a word of a command.
func dollars(word string) string { return strings.ReplaceAll(word, "$(", "$$(") }

// quoteYAML is a text as YAML's double-quoted scalar, whose escapes are among Go's for text.
func quoteYAML(text string) string { return strconv.Quote(strings.ToValidUTF8(text, "?")) }

const manifest = `apiVersion: batch/v1
kind: Job
metadata:
  name: %s
spec:
  completionMode: Indexed
  completions: %d
  parallelism: %d
  backoffLimitPerIndex: 3
  podFailurePolicy:
    rules:
    - action: Ignore # interrupted: it is resumed
      onExitCodes:
        containerName: shoal
        operator: In
        values: [75]
    - action: Ignore # the cluster took the pod away
      onPodConditions:
      - type: DisruptionTarget
    - action: FailIndex # it would fail again
      onExitCodes:
        containerName: shoal
        operator: In
        values: [1, 2]
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 60
      containers:
      - name: shoal
        image: %s
        command: [%s]
        resources:
          requests:
            cpu: %d
            memory: %si
          limits:
            cpu: %d
            memory: %si
        volumeMounts:
        - name: sweep
          mountPath: %s
      volumes:
      - name: sweep
        persistentVolumeClaim:
          claimName: %s
`
