/* BER for the benchmark's agent and its ceiling client: just what their messages need. */
#pragma once
#include <stdint.h>
#include <string.h>

enum { INTEGER = 0x02, OCTETS = 0x04, NULLS = 0x05, OID = 0x06, SEQUENCE = 0x30, COUNTER32 = 0x41,
       GAUGE = 0x42, TICKS = 0x43, COUNTER64 = 0x46, END_OF_VIEW = 0x82, NO_INSTANCE = 0x81,
       GET = 0xa0, GET_NEXT = 0xa1, RESPONSE = 0xa2, GET_BULK = 0xa5, REPORT = 0xa8 };

typedef struct { const uint8_t *at, *end; } cursor;

/* Steps into the element at `c`: returns its tag and sets `inside`; -1 when it is cut. */
static int element(cursor *c, cursor *inside) {
    if (c->end - c->at < 2) return -1;
    int tag = *c->at++;
    size_t size = *c->at++;
    if (size & 0x80) {
        int octets = size & 0x7f;
        if (octets > 3 || c->end - c->at < octets) return -1;
        for (size = 0; octets--;) size = size << 8 | *c->at++;
    }
    if ((size_t)(c->end - c->at) < size) return -1;
    inside->at = c->at;
    inside->end = c->at += size;
    return tag;
}

static uint64_t number(cursor inside) {
    uint64_t value = 0;
    while (inside.at < inside.end) value = value << 8 | *inside.at++;
    return value;
}

static uint64_t next_number(cursor *c) {
    cursor inside = {c->end, c->end};
    return element(c, &inside) < 0 ? 0 : number(inside);
}

/* Messages are written from their end to their start, so that every length is known. */
typedef struct { uint8_t *start, *at; } back;

static void put(back *b, const void *octets, size_t size) { memcpy(b->at -= size, octets, size); }

static void wrap(back *b, int tag, const uint8_t *end) {
    size_t size = end - b->at;
    if (size < 0x80) *--b->at = size;
    else {
        int octets = 0;
        for (size_t rest = size; rest; rest >>= 8, octets++) *--b->at = rest;
        *--b->at = 0x80 | octets;
    }
    *--b->at = tag;
}

static void put_element(back *b, int tag, const void *octets, size_t size) {
    const uint8_t *end = b->at;
    put(b, octets, size);
    wrap(b, tag, end);
}

static void put_number(back *b, int tag, uint64_t value) {
    const uint8_t *end = b->at;
    do *--b->at = value; while (value >>= 8);
    if (*b->at & 0x80) *--b->at = 0;
    wrap(b, tag, end);
}

static int arcs(uint8_t *out, const uint32_t *numbers, int count) {
    int size = 0;
    for (int i = 0; i < count; i++) {
        for (int shift = 28; shift > 0; shift -= 7)
            if (numbers[i] >> shift) out[size++] = 0x80 | (numbers[i] >> shift & 0x7f);
        out[size++] = numbers[i] & 0x7f;
    }
    return size;
}

/* The job of the benchmark: sysUpTime and twelve columns of IF-MIB. */
enum { COLUMNS = 12 };
static const struct { uint32_t arcs[10]; int count, type; } COLUMN[COLUMNS] = {
    {{43, 6, 1, 2, 1, 2, 2, 1, 7}, 9, INTEGER},          /* ifAdminStatus */
    {{43, 6, 1, 2, 1, 2, 2, 1, 8}, 9, INTEGER},          /* ifOperStatus */
    {{43, 6, 1, 2, 1, 2, 2, 1, 13}, 9, COUNTER32},       /* ifInDiscards */
    {{43, 6, 1, 2, 1, 2, 2, 1, 14}, 9, COUNTER32},       /* ifInErrors */
    {{43, 6, 1, 2, 1, 2, 2, 1, 19}, 9, COUNTER32},       /* ifOutDiscards */
    {{43, 6, 1, 2, 1, 2, 2, 1, 20}, 9, COUNTER32},       /* ifOutErrors */
    {{43, 6, 1, 2, 1, 31, 1, 1, 1, 1}, 10, OCTETS},      /* ifName */
    {{43, 6, 1, 2, 1, 31, 1, 1, 1, 6}, 10, COUNTER64},   /* ifHCInOctets */
    {{43, 6, 1, 2, 1, 31, 1, 1, 1, 7}, 10, COUNTER64},   /* ifHCInUcastPkts */
    {{43, 6, 1, 2, 1, 31, 1, 1, 1, 10}, 10, COUNTER64},  /* ifHCOutOctets */
    {{43, 6, 1, 2, 1, 31, 1, 1, 1, 11}, 10, COUNTER64},  /* ifHCOutUcastPkts */
    {{43, 6, 1, 2, 1, 31, 1, 1, 1, 15}, 10, GAUGE},      /* ifHighSpeed */
};
static const uint8_t UP_TIME[] = {43, 6, 1, 2, 1, 1, 3};
