// Package lockfile gives something to one process at a time: a run folder to its writer, an item of
// a sweep to whoever runs it.
//
// [Take] locks a file with flock(2), which every local file system has and most of a network's. The
// lock ends with the process, however that ends.
//
// Some file systems refuse locks: Lustre mounted without them, NFS without its lock service, several
// of FUSE. There the process makes a second file instead, which names its host and its number: see
// [Owner]. Such a file outlives its process. One of a process of this host that is gone is taken
// over; of other hosts nobody can tell from here, so the error says which file to remove. [Lock.Note]
// says that locks were refused, for a person.
package lockfile
