/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands for libbpf's. */
#ifndef NT_SHIM_BPF_ENDIAN_H
#define NT_SHIM_BPF_ENDIAN_H

#include <arpa/inet.h>

#define bpf_ntohs(x) ntohs(x)
#define bpf_htons(x) htons(x)
#define bpf_ntohl(x) ntohl(x)
#define bpf_htonl(x) htonl(x)

#endif
