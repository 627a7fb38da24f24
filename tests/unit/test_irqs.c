// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/interrupts and /proc/irq as several kernels print them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "irqs.h"

/* Linux 5.10, 6.18 and 6.6 on arm64, shortened. */
static const char old[] =
	"            CPU0       CPU1       \n"
	"   0:         44          0   IO-APIC   2-edge      timer\n"
	"  10:          0          0   IO-APIC  10-fasteoi   virtio1, uhci_hcd:usb1\n"
	"  25:       1234         56   PCI-MSI 49153-edge      virtio0-input.0\n"
	" NMI:          0          0   Non-maskable interrupts\n"
	" ERR:          3\n";
static const char now[] =
	"           CPU0       CPU2       CPU3       \n"
	" 26:          0         10          0  IO-APIC   4-edge      ttyS0\n"
	" 37:          1          2 4294967295 PCI-MSIX-0000:00:01.0   0-edge      virtio0-config\n"
	" 38:          0          0          0 PCI-MSIX-0000:00:01.0   1-edge\n";
static const char arm[] = "           CPU0       \n"
			  " 81:         99   ITS-MSI 524288 Edge      eth0-Tx-Rx-0\n"
			  " 82:          7   GICv3  27 Level     arch_timer\n";

static void row(const char *text, uint32_t irq, uint32_t n, uint64_t sum, const char *name)
{
	char got[NT_IRQ_NAME];
	uint64_t count[4], total = 0;

	assert_true(nt_irq_row(text, irq, count, n, got));
	for (uint32_t i = 0; i < n; i++)
		total += count[i];
	assert_int_equal(total, sum);
	assert_string_equal(got, name);
}

static void test_interrupts(void **state)
{
	uint32_t cpu[8];
	uint64_t count[4];
	char name[NT_IRQ_NAME];

	(void)state;
	assert_int_equal(nt_irq_cpus(old, cpu, 8), 2);
	assert_int_equal(nt_irq_cpus(now, cpu, 8), 3);
	assert_int_equal(cpu[1], 2);
	assert_int_equal(nt_irq_cpus(now, cpu, 2), -EINVAL);
	assert_int_equal(nt_irq_cpus("", cpu, 8), -EINVAL);
	assert_int_equal(nt_irq_cpus("CPU0 CPU99999\n", cpu, 8), -EINVAL);
	assert_int_equal(nt_irq_cpus(" 26: 1\n", cpu, 8), -EINVAL);
	row(old, 0, 2, 44, "timer");
	row(old, 10, 2, 0, "virtio1, uhci_hcd:usb1");
	row(old, 25, 2, 1290, "virtio0-input.0");
	row(now, 37, 3, 3ULL + UINT32_MAX, "virtio0-config");
	row(now, 38, 3, 0, "");
	row(arm, 81, 1, 99, "eth0-Tx-Rx-0");
	row(arm, 82, 1, 7, "arch_timer");
	assert_false(nt_irq_row(old, 2, count, 2, name));
	assert_false(nt_irq_row("", 2, count, 2, name));
	/* Cut anywhere it is no more than less. */
	for (size_t i = 0; i < sizeof(old); i++) {
		char part[sizeof(old)];

		memcpy(part, old, i);
		part[i] = '\0';
		nt_irq_cpus(part, cpu, 8);
		nt_irq_row(part, 25, count, 2, name);
	}
}

static void test_sets(void **state)
{
	struct nt_cpuset s, t;
	char buf[24];

	(void)state;
	assert_int_equal(nt_cpuset_list("0-3,8\n", &s), 0);
	assert_string_equal(nt_cpuset_text(&s, buf, sizeof(buf)), "0-3,8");
	assert_true(nt_cpuset_has(&s, 8));
	assert_false(nt_cpuset_has(&s, 4));
	assert_int_equal(nt_cpuset_list("8191", &s), 0);
	assert_int_equal(nt_cpuset_list("", &t), 0);
	assert_true(nt_cpuset_empty(&t));
	assert_true(nt_cpuset_within(&t, &s));
	assert_false(nt_cpuset_within(&s, &t));
	assert_string_equal(nt_cpuset_text(&t, buf, sizeof(buf)), "-");
	assert_int_equal(nt_cpuset_list("8192", &s), -EINVAL);
	assert_int_equal(nt_cpuset_list("3-1", &s), -EINVAL);
	assert_int_equal(nt_cpuset_list("0,", &s), -EINVAL);
	assert_int_equal(nt_cpuset_list("0 1", &s), -EINVAL);
	assert_int_equal(nt_cpuset_list("-1", &s), -EINVAL);
	assert_int_equal(nt_cpuset_list("99999999999", &s), -EINVAL);
	assert_int_equal(nt_cpuset_list("1,3,5,7,9,11,13,15,17,19", &s), 0);
	assert_string_equal(nt_cpuset_text(&s, buf, sizeof(buf)), "1,3,5,7,9,...");
}

static void test_masks(void **state)
{
	struct nt_cpuset s;
	char buf[64];

	(void)state;
	assert_int_equal(nt_cpuset_mask("3\n", &s), 0);
	assert_string_equal(nt_cpuset_text(&s, buf, sizeof(buf)), "0-1");
	assert_int_equal(nt_cpuset_mask("00000001,80000003", &s), 0);
	assert_string_equal(nt_cpuset_text(&s, buf, sizeof(buf)), "0-1,31-32");
	/* Fewer digits in the first word only. */
	assert_int_equal(nt_cpuset_mask("f,00000000,00000000", &s), 0);
	assert_string_equal(nt_cpuset_text(&s, buf, sizeof(buf)), "64-67");
	assert_int_equal(nt_cpuset_mask("", &s), -EINVAL);
	assert_int_equal(nt_cpuset_mask("xyz", &s), -EINVAL);
	assert_int_equal(nt_cpuset_mask("123456789", &s), -EINVAL);
}

static void test_spurious(void **state)
{
	uint64_t count, unhandled;

	(void)state;
	assert_int_equal(nt_irq_spurious("count 4886\nunhandled 1\nlast_unhandled 409324 ms",
					 &count, &unhandled),
			 0);
	assert_int_equal(count, 4886);
	assert_int_equal(unhandled, 1);
	assert_int_equal(nt_irq_spurious("count x", &count, &unhandled), -EINVAL);
}

static void test_queues(void **state)
{
	static const struct {
		const char *name;
		enum nt_irq_kind kind;
		uint32_t queue;
	} v[] = {
		{ "virtio0-input.3", NT_IRQ_RX, 3 },
		{ "virtio0-output.0", NT_IRQ_TX, 0 },
		{ "virtio0-config", NT_IRQ_OTHER, 0 },
		{ "virtio12-virtqueues", NT_IRQ_OTHER, 0 },
		{ "eth0-TxRx-11", NT_IRQ_RXTX, 11 },
		{ "i40e-ens4f0-TxRx-5", NT_IRQ_RXTX, 5 },
		{ "mlx5_comp7@pci:0000:3b:00.0", NT_IRQ_RXTX, 7 },
		{ "mlx5_async0@pci:0000:3b:00.0", NT_IRQ_OTHER, 0 },
		{ "eth0-rx-2", NT_IRQ_RX, 2 },
		{ "eth0-fp-4", NT_IRQ_RXTX, 4 },
		{ "ena-mgmnt@pci:0000:00:05.0", NT_IRQ_OTHER, 0 },
		{ "", NT_IRQ_OTHER, 0 },
	};
	struct nt_irq_queue q;

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		nt_irq_queue_of(v[i].name, &q);
		if (q.kind != v[i].kind || (q.kind != NT_IRQ_OTHER && q.queue != v[i].queue))
			fail_msg("%s: kind %d, queue %u", v[i].name, q.kind, q.queue);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interrupts), cmocka_unit_test(test_sets),
		cmocka_unit_test(test_masks),      cmocka_unit_test(test_spurious),
		cmocka_unit_test(test_queues),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
