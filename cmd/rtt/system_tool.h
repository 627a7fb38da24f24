/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtt system on the user side: what the descriptor wants of the words. */
#ifndef NT_RTT_SYSTEM_TOOL_H
#define NT_RTT_SYSTEM_TOOL_H

#include "rtt_tool.h"
#include "system.h"

extern const struct nt_story_kind system_tx, system_rx;
/* Names of the stages, by direction and family. */
extern const char *const system_tx4[SYS_STAGES], *const system_tx6[SYS_STAGES];
extern const char *const system_rx4[SYS_STAGES], *const system_rx6[SYS_STAGES];

/* The stages in the order of a packet's way. */
extern const uint8_t system_order[SYS_STAGES];

#endif
