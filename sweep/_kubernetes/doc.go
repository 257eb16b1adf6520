// Package kubernetes holds no code: its test decodes the manifests that package sweep writes, strictly,
// into the types of Kubernetes' API. It is a module of its own, because those types have dependencies
// that shoal needs for nothing else.
package kubernetes
