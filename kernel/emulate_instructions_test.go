//go:build linux && amd64 && !purego

package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"syscall"
)

// instruction is one of VEX or EVEX, decoded: Intel's manual, volume 2, sections 2.3 and 2.7.
type instruction struct {
	key          [4]byte // 0xc4 or 0x62, the opcode map, the prefix, the opcode
	reg          int     // ModRM's
	second       int     // of the prefix
	rm           int     // a register, unless memory is set
	memory       bool
	base, index  uint64 // the address and, as part of it, the index
	value        uint64 // of general register rm
	mask         int
	zeroing, bad bool // bad: a form that isn't emulated
	length       int
}

// decode reads an instruction; it reports whether the encoding is one of those.
func decode(c []byte, regs *syscall.PtraceRegs) (i instruction, ok bool) {
	var r, x, b, r2, v2 int // extensions of register numbers, as bits
	var modrm int
	scale := int64(1) // of a short displacement
	flag := func(v byte, at, bit int) int { return int(^v>>at&1) << bit }
	switch c[0] {
	case 0xc5:
		i.key = [4]byte{0xc4, 1, c[1] & 3, c[2]}
		r, i.second, modrm = flag(c[1], 7, 3), int(^c[1]>>3&15), 3
	case 0xc4:
		i.key = [4]byte{0xc4, c[1] & 31, c[2] & 3, c[3]}
		r, x, b = flag(c[1], 7, 3), flag(c[1], 6, 3), flag(c[1], 5, 3)
		i.second, modrm = int(^c[2]>>3&15), 4
		i.bad = c[2]&0x84 != 0
	case 0x62:
		i.key = [4]byte{0x62, c[1] & 7, c[2] & 3, c[4]}
		r, x, b, r2, v2 = flag(c[1], 7, 3), flag(c[1], 6, 3), flag(c[1], 5, 3), flag(c[1], 4, 4), flag(c[3], 3, 4)
		i.second, modrm, scale = int(^c[2]>>3&15)|v2, 5, 64
		i.mask, i.zeroing = int(c[3]&7), c[3]&0x80 != 0
		i.bad = c[2]&0x80 != 0 || c[3]>>5&3 != 2 || c[3]&0x10 != 0
		if i.key == opBroadcast {
			scale = 4
		}
	default:
		return i, false
	}
	i.reg = int(c[modrm]>>3&7) | r | r2
	if c[modrm]>>6 == 3 {
		i.rm, i.length = int(c[modrm]&7)|b, modrm+1
		i.value = generals(regs)[i.rm]
		if c[0] == 0x62 {
			i.rm |= x << 1
		}
		return i, true
	}
	i.memory = true
	i.length = modrm + i.address(c[modrm:], x, b, scale, regs)
	return i, true
}

// generals are the general registers by number.
func generals(regs *syscall.PtraceRegs) [16]uint64 {
	return [16]uint64{
		regs.Rax, regs.Rcx, regs.Rdx, regs.Rbx, regs.Rsp, regs.Rbp, regs.Rsi, regs.Rdi,
		regs.R8, regs.R9, regs.R10, regs.R11, regs.R12, regs.R13, regs.R14, regs.R15,
	}
}

// address decodes an operand in memory and returns the length of its bytes.
func (i *instruction) address(c []byte, x, b int, scale int64, regs *syscall.PtraceRegs) int {
	general := generals(regs)
	mod, rm, n := c[0]>>6, int(c[0]&7), 1
	if rm == 4 {
		n = 2
		rm = int(c[1] & 7)
		if index := int(c[1]>>3&7) | x; index != 4 {
			i.index = general[index] << (c[1] >> 6)
		}
	}
	i.bad = i.bad || mod == 0 && rm == 5
	i.base = general[rm|b]
	switch mod {
	case 1:
		i.base += uint64(int64(int8(c[n])) * scale)
		n++
	case 2:
		i.base += uint64(int64(int32(binary.LittleEndian.Uint32(c[n:]))))
		n += 4
	}
	return n
}

// The instructions that are emulated.
var (
	opKMove     = [4]byte{0xc4, 1, 0, 0x92}
	opConfig    = [4]byte{0xc4, 2, 0, 0x49} // LDTILECFG, TILERELEASE
	opZero      = [4]byte{0xc4, 2, 3, 0x49}
	opTileLoad  = [4]byte{0xc4, 2, 3, 0x4b}
	opTileStore = [4]byte{0xc4, 2, 2, 0x4b}
	opTileDot   = [4]byte{0xc4, 2, 2, 0x5c}
	opXor       = [4]byte{0x62, 1, 1, 0xef}
	opLoad      = [4]byte{0x62, 1, 0, 0x10}
	opStore     = [4]byte{0x62, 1, 0, 0x11}
	opMove      = [4]byte{0x62, 1, 0, 0x28}
	opMoveTo    = [4]byte{0x62, 1, 0, 0x29}
	opBroadcast = [4]byte{0x62, 2, 1, 0x18}
	opDot       = [4]byte{0x62, 2, 2, 0x52}
)

// execute carries an instruction out and returns its name, "" for one that isn't emulated.
func (e *emulator) execute(m *thread, i instruction) (name string, err error) {
	if i.bad {
		return "", nil
	}
	if i.key[0] == 0xc4 && i.key != opKMove {
		return e.executeTiles(m, i)
	}
	switch z := &m.z; i.key {
	case opKMove:
		m.k[i.reg] = uint16(i.value)
		return "KMOVW", nil
	case opXor:
		for l := range z[i.reg] {
			z[i.reg][l] = z[i.second][l] ^ z[i.rm][l]
		}
		return "VPXORD", nil
	case opMove:
		z[i.reg] = z[i.rm]
		return "VMOVAPS", nil
	case opMoveTo:
		z[i.rm] = z[i.reg]
		return "VMOVAPS", nil
	case opDot:
		for l := range z[i.reg] {
			pair := func(w uint32) []BF16 { return []BF16{BF16(w), BF16(w >> 16)} }
			acc := math.Float32frombits(z[i.reg][l])
			z[i.reg][l] = math.Float32bits(dotVDP(acc, pair(z[i.second][l]), pair(z[i.rm][l])))
		}
		return "VDPBF16PS", nil
	case opLoad, opStore, opBroadcast:
		return "vector memory", e.vectorMemory(m, i)
	}
	return "", nil
}

// vectorMemory loads, stores or broadcasts; a hidden lane is not touched.
func (e *emulator) vectorMemory(m *thread, i instruction) error {
	if !i.memory {
		return errors.New("no operand in memory")
	}
	shown := uint16(0xffff)
	if i.mask != 0 {
		shown = m.k[i.mask]
	}
	var word [4]byte
	for l := range m.z[i.reg] {
		at := i.base + i.index + uint64(4*l)
		switch on := shown>>l&1 == 1; {
		case i.key == opBroadcast:
			at = i.base + i.index
			fallthrough
		case on && i.key == opLoad:
			if err := e.read(at, word[:]); err != nil {
				return err
			}
			m.z[i.reg][l] = binary.LittleEndian.Uint32(word[:])
		case on:
			binary.LittleEndian.PutUint32(word[:], m.z[i.reg][l])
			if err := e.write(at, word[:]); err != nil {
				return err
			}
		case i.zeroing:
			m.z[i.reg][l] = 0
		}
	}
	return nil
}

// size is what tile t was configured as.
func (m *thread) size(t int) (rows, bytes int, err error) {
	rows, bytes = int(m.config[48+t]), int(binary.LittleEndian.Uint16(m.config[16+2*t:]))
	if m.config[0] != 1 || rows == 0 || bytes == 0 || rows > amxRows || bytes > 64 {
		return 0, 0, fmt.Errorf("tile %d is %d rows of %d bytes, palette %d", t, rows, bytes, m.config[0])
	}
	return rows, bytes, nil
}

func (e *emulator) executeTiles(m *thread, i instruction) (name string, err error) {
	if i.key == opConfig {
		m.tile, m.config = [8][amxRows][64]byte{}, tileConfig{}
		if !i.memory {
			return "TILERELEASE", nil
		}
		return "LDTILECFG", e.read(i.base+i.index, m.config[:])
	}
	rows, bytes, err := m.size(i.reg)
	if err != nil {
		return "", err
	}
	switch i.key {
	case opZero:
		m.tile[i.reg] = [amxRows][64]byte{}
		return "TILEZERO", nil
	case opTileLoad, opTileStore:
		name, move := "TILESTORED", e.write
		if i.key == opTileLoad {
			name, move = "TILELOADD", e.read
			m.tile[i.reg] = [amxRows][64]byte{}
		}
		for r := range rows {
			if err := move(i.base+uint64(r)*i.index, m.tile[i.reg][r][:bytes]); err != nil {
				return "", err
			}
		}
		return name, nil
	case opTileDot:
		return "TDPBF16PS", m.tileDot(i.reg, i.rm, i.second)
	}
	return "", nil
}

// tileDot adds the products of tiles a and b to tile c.
func (m *thread) tileDot(c, a, b int) error {
	rows, bytes, err := m.size(c)
	rowsA, bytesA, errA := m.size(a)
	rowsB, bytesB, errB := m.size(b)
	if err := errors.Join(err, errA, errB); err != nil {
		return err
	}
	if rows != rowsA || bytes != bytesB || bytesA != 4*rowsB || a == b || a == c || b == c {
		return fmt.Errorf("tile %d of %d×%d, %d of %d×%d, %d of %d×%d", c, rows, bytes, a, rowsA, bytesA, b, rowsB, bytesB)
	}
	half := func(row *[64]byte, k int) float32 { return BF16(binary.LittleEndian.Uint16(row[2*k:])).Float32() }
	for r := range rows {
		for j := range bytes / 4 {
			var sum [2]float32
			for k := range bytesA / 2 {
				sum[k%2] = fmaFlush(half(&m.tile[a][r], k), half(&m.tile[b][k/2], 2*j+k%2), sum[k%2])
			}
			to := m.tile[c][r][4*j:]
			acc := math.Float32frombits(binary.LittleEndian.Uint32(to))
			binary.LittleEndian.PutUint32(to, math.Float32bits(addFlush(acc, addFlush(sum[0], sum[1]))))
		}
	}
	return nil
}
