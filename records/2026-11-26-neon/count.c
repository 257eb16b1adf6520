/*
 * A plugin of QEMU that counts the instructions of an arm64 program that it emulates: all; those of
 * the vector unit (SIMD and floating point, loads and stores of its registers included); those of
 * functions whose name has NEON in it.
 *
 *   gcc -shared -fPIC -O2 -o count.so count.c
 *   qemu-aarch64 -plugin ./count.so -d plugin PROGRAM ...      (Debian package qemu-user 7.2)
 *
 * The counters are not atomic: run the program with one thread that works (--workers 1, GOMAXPROCS=1).
 * Declared here is what it uses of QEMU's interface of plugins, version 1.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, enum qemu_plugin_op op, void *ptr, uint64_t imm);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t id, void *data), void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *insn);
void qemu_plugin_outs(const char *text);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t all, vector, neon;

/* Bits 28 to 25 are x111 for SIMD and floating point, and x1x0 for loads and stores, of which bit 26
 * tells those of vector registers. */
static int of_vector_unit(uint32_t word)
{
	int group = word >> 25 & 15;
	return (group & 7) == 7 || ((group & 5) == 4 && (word >> 26 & 1));
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t n = qemu_plugin_tb_n_insns(tb), vectors = 0, named = 0;
	for (uint64_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const char *symbol = qemu_plugin_insn_symbol(insn);
		uint32_t word;
		memcpy(&word, qemu_plugin_insn_data(insn), sizeof word);
		vectors += of_vector_unit(word);
		named += symbol && strstr(symbol, "NEON");
	}
	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &all, n);
	if (vectors)
		qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &vector, vectors);
	if (named)
		qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &neon, named);
}

static void end(qemu_plugin_id_t id, void *data)
{
	char text[200];
	snprintf(text, sizeof text, "instructions %llu vector %llu neon %llu\n", (unsigned long long)all,
		 (unsigned long long)vector, (unsigned long long)neon);
	qemu_plugin_outs(text);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, end, NULL);
	return 0;
}
