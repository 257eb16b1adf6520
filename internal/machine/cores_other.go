//go:build !linux && !darwin

package machine

import "io/fs"

func fastCores(fs.FS, []int) int { return 0 }

func usable() []int { return nil }
