package machine

import "golang.org/x/sys/unix"

// networkMagic are the numbers by which Linux tells file systems that several hosts may have open at
// once, or of which a process of another host may be the server (linux/magic.h, and the sources of
// those outside of the kernel). FUSE is most of what clusters and containers mount beside them.
var networkMagic = map[uint32]string{
	0x6969: "nfs", 0x0bd00bd0: "lustre", 0x47504653: "gpfs", 0xff534d42: "cifs", 0xfe534d42: "smb2", 0x517b: "smb",
	0x65735546: "fuse", 0x00c36400: "ceph", 0x01021997: "9p", 0x5346414f: "afs", 0x6b414653: "afs", 0x73757245: "coda",
	0x19830326: "beegfs", 0xaad7aaea: "panfs", 0x7461636f: "ocfs2", 0x01161970: "gfs2", 0x564c: "ncp", 0x786f4256: "vboxsf",
}

// NetworkFileSystem is the kind of the file system that has path, such as "nfs", if other hosts may
// have it open, too; "" for one of this host, and where that isn't known.
func NetworkFileSystem(path string) string {
	var s unix.Statfs_t
	if unix.Statfs(path, &s) != nil {
		return ""
	}
	return networkMagic[uint32(s.Type)]
}
