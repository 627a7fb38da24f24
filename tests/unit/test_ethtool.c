// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of drivers' counters, as their kernels print them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cleanup.h"
#include "ethtool.h"

static const struct {
	const char *driver, *name;
	bool rx;
	uint32_t queue;
	enum nt_queue_what what;
} known[] = {
	{ "virtio_net 5.10", "rx_queue_0_packets", true, 0, NT_QUEUE_PACKETS },
	{ "virtio_net 5.10", "tx_queue_13_bytes", false, 13, NT_QUEUE_BYTES },
	{ "virtio_net 5.10", "rx_queue_2_drops", true, 2, NT_QUEUE_DROPS },
	{ "virtio_net 6.12", "rx0_packets", true, 0, NT_QUEUE_PACKETS },
	{ "mlx5_core", "rx95_bytes", true, 95, NT_QUEUE_BYTES },
	{ "mlx5_core", "tx3_dropped", false, 3, NT_QUEUE_DROPS },
	{ "i40e", "rx-0.packets", true, 0, NT_QUEUE_PACKETS },
	{ "i40e", "tx-11.bytes", false, 11, NT_QUEUE_BYTES },
	{ "bnxt_en", "[5]: rx_ucast_packets", true, 5, NT_QUEUE_PACKETS },
	{ "bnxt_en", "[5]: tx_mcast_bytes", false, 5, NT_QUEUE_BYTES },
	{ "ena", "queue_7_rx_cnt", true, 7, NT_QUEUE_PACKETS },
	{ "ena", "queue_7_tx_bytes", false, 7, NT_QUEUE_BYTES },
	{ "be2net", "rxq1: rx_pkts", true, 1, NT_QUEUE_PACKETS },
	{ "bnx2x", "[0]: rx_bytes", true, 0, NT_QUEUE_BYTES },
};

static void test_known(void **state)
{
	struct nt_queue_name q;

	(void)state;
	for (size_t i = 0; i < NT_ARRAY_SIZE(known); i++) {
		if (!nt_queue_name_parse(known[i].name, &q))
			fail_msg("%s: %s is not understood", known[i].driver, known[i].name);
		assert_int_equal(q.rx, known[i].rx);
		assert_int_equal(q.queue, known[i].queue);
		assert_int_equal(q.what, known[i].what);
	}
}

/* Of the whole device, of a part of a queue's packets, of sizes, of priorities. */
static void test_others(void **state)
{
	static const char *const names[] = {
		"rx_packets",
		"tx_bytes",
		"rx_queue_0_xdp_packets",
		"rx0_csum_none",
		"rx_queue_0_kicks",
		"tx_queue_0_xdp_tx_drops",
		"rx_65_to_127_bytes_phy",
		"rx_prio0_packets",
		"tx3_tso_packets",
		"rx0_lro_bytes",
		"peer_ifindex",
		"",
		"rx_queue_0_xdp_redirect",
		"port.rx_bytes",
		"rx_queue_0_tx_packets",
		"rx_queue_0_1_packets",
		"rx_queue_99999999999999999999_packets",
		"0_packets",
		"rx_queue_256_packets",
		"rx_queue_0_packets_bytes",
		"[0]: rx_discards",
		"rx",
	};
	struct nt_queue_name q;

	(void)state;
	for (size_t i = 0; i < NT_ARRAY_SIZE(names); i++)
		if (nt_queue_name_parse(names[i], &q))
			fail_msg("%s is taken for a queue's", names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
