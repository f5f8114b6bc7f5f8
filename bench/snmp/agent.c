/* A quick SNMP agent that answers for every address of 127.0.0.0/8 on one port: v2c, and v3 with
 * SHA-1 and AES-128. Its values can be told from address, column and port, so that a client can
 * check every one. Answers stay below 1472 octets, as on an Ethernet.
 *
 * agent PORT PORTS DEAD [FLAP]: listens on PORT, has PORTS ports a device, and DEAD of each ten
 * devices (by the last octet of the address) never answer. With FLAP the last of these ten answers
 * for FLAP seconds and is silent for as long, by turns and by address. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include "wire.h"

enum { LIMIT = 1472, BATCH = 64, NAMES = 64 };
typedef struct { uint8_t name[16]; int size, column, row; } cell;
typedef struct { uint32_t address; uint8_t sign[20], crypt[16]; } keys;

static cell *cells;
static int cell_count, ports;
static uint8_t sign_key[20], crypt_key[20];
static keys cached[1 << 16];

static void add(const uint8_t *prefix, int size, int column, uint32_t row) {
    cell *c = &cells[cell_count++];
    memcpy(c->name, prefix, size);
    c->size = size + arcs(c->name + size, &row, 1);
    c->column = column;
    c->row = row;
}

static void build(void) {
    cells = calloc(1 + COLUMNS * ports, sizeof *cells);
    add(UP_TIME, sizeof UP_TIME, -1, 0);
    for (int column = 0; column < COLUMNS; column++) {
        uint8_t prefix[16];
        int size = arcs(prefix, COLUMN[column].arcs, COLUMN[column].count);
        for (int row = 1; row <= ports; row++) add(prefix, size, column, row);
    }
}

static int compare(const uint8_t *a, int a_size, const uint8_t *b, int b_size) {
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order ? order : a_size - b_size;
}

/* Returns the place of the first cell after `name`, or at it when `same`. */
static int find(cursor name, int same) {
    int low = 0, high = cell_count;
    while (low < high) {
        int middle = (low + high) / 2;
        int order = compare(cells[middle].name, cells[middle].size, name.at, name.end - name.at);
        if (order < 0 || (order == 0 && !same)) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* How far every Counter64 has moved: milliseconds, in the 16 bits its start leaves free. */
static uint64_t moved;

static void move(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    moved = (now.tv_sec * 1000ull + now.tv_nsec / 1000000) & 0xffff;
}

static uint64_t counter(uint32_t address, int column, int row) {
    return (uint64_t)(address & 0xffffff) * 1000003 + column * 1009 + row;
}

static void put_value(back *b, const cell *c, uint32_t address) {
    char text[24];
    int type = c->column < 0 ? TICKS : COLUMN[c->column].type;
    uint64_t value = counter(address, c->column, c->row);
    if (type == OCTETS) put_element(b, OCTETS, text, sprintf(text, "Gi1/0/%d", c->row));
    else if (type == INTEGER) put_number(b, INTEGER, 1 + (c->row % 5 == 0));
    else if (type == COUNTER64) put_number(b, COUNTER64, value * 65537 + (1ull << 40) + moved);
    else put_number(b, type, value & 0xffffffff);
}

/* Variables are written forward into `out`, each by itself; returns the octets used. */
static int variable(uint8_t *out, const cell *c, cursor name, int absent, uint32_t address) {
    uint8_t room[160];
    back b = {room, room + sizeof room};
    const uint8_t *end = b.at;
    if (absent) put_element(&b, absent, "", 0);
    else put_value(&b, c, address);
    if (absent) put_element(&b, OID, name.at, name.end - name.at);
    else put_element(&b, OID, c->name, c->size);
    wrap(&b, SEQUENCE, end);
    memcpy(out, b.at, end - b.at);
    return end - b.at;
}

static int names_of(cursor *list, cursor *names) {
    int count = 0;
    cursor one, name;
    while (count < NAMES && element(list, &one) == SEQUENCE && element(&one, &name) == OID)
        names[count++] = name;
    return count;
}

static int repeat(uint8_t *out, int used, int limit, cursor *names, int count, int times,
                  uint32_t address) {
    int place[NAMES];
    for (int i = 0; i < count; i++) place[i] = find(names[i], 0);
    while (times-- > 0)
        for (int i = 0; i < count; i++) {
            uint8_t one[160];
            int over = place[i] >= cell_count;
            int size = variable(one, over ? NULL : &cells[place[i]], names[i],
                                over ? END_OF_VIEW : 0, address);
            if (used + size > limit) return used;
            memcpy(out + used, one, size);
            used += size;
            place[i] += !over;
        }
    return used;
}

/* Writes the response to the PDU at `c` in front of `b`; returns 0 when it is none. */
static int respond(back *b, cursor *c, int limit, uint32_t address) {
    uint8_t list[65536 / 8];
    move();
    cursor pdu, id, names_at, names[NAMES];
    int kind = element(c, &pdu), used = 0;
    if ((kind != GET && kind != GET_NEXT && kind != GET_BULK) || element(&pdu, &id) != INTEGER)
        return 0;
    int single = next_number(&pdu), times = next_number(&pdu);
    if (element(&pdu, &names_at) != SEQUENCE) return 0;
    int count = names_of(&names_at, names);
    if (kind == GET) {
        for (int i = 0; i < count; i++) {
            int at = find(names[i], 1), there = at < cell_count &&
                compare(cells[at].name, cells[at].size, names[i].at, names[i].end - names[i].at) == 0;
            used += variable(list + used, &cells[at], names[i], there ? 0 : NO_INSTANCE, address);
        }
    } else {
        if (kind == GET_NEXT) single = count;
        if (single > count) single = count;
        used = repeat(list, 0, limit, names, single, 1, address);
        if (kind == GET_BULK)
            used = repeat(list, used, limit, names + single, count - single, times, address);
    }
    const uint8_t *end = b->at;
    put_element(b, SEQUENCE, list, used);
    put_number(b, INTEGER, 0);
    put_number(b, INTEGER, 0);
    put_element(b, INTEGER, id.at, id.end - id.at);
    wrap(b, RESPONSE, end);
    return 1;
}

static void sha1(const void *data, size_t size, uint8_t out[20]) {
    EVP_Digest(data, size, out, NULL, EVP_sha1(), NULL);
}

static void password(const char *text, uint8_t out[20]) {
    static uint8_t long_text[1 << 20];
    size_t size = strlen(text);
    for (size_t i = 0; i < sizeof long_text; i++) long_text[i] = text[i % size];
    sha1(long_text, sizeof long_text, out);
}

static void engine_of(uint32_t address, uint8_t out[9]) {
    static const uint8_t prefix[5] = {0x80, 0, 0x1f, 0x88, 1};
    memcpy(out, prefix, 5);
    for (int i = 0; i < 4; i++) out[5 + i] = address >> (24 - 8 * i);
}

static void localize(const uint8_t key[20], const uint8_t engine[9], uint8_t out[20]) {
    uint8_t text[49];
    memcpy(text, key, 20), memcpy(text + 20, engine, 9), memcpy(text + 29, key, 20);
    sha1(text, sizeof text, out);
}

static keys *keys_of(uint32_t address) {
    keys *k = &cached[address & 0xffff];
    if (k->address != address) {
        uint8_t engine[9], crypt[20];
        engine_of(address, engine);
        localize(sign_key, engine, k->sign);
        localize(crypt_key, engine, crypt);
        memcpy(k->crypt, crypt, 16);
        k->address = address;
    }
    return k;
}

static void digest(const keys *k, const uint8_t *message, size_t size, uint8_t out[20]) {
    HMAC(EVP_sha1(), k->sign, 20, message, size, out, NULL);
}

static void crypt(const keys *k, int encrypt, uint32_t boots, uint32_t now, const uint8_t *salt,
                  const uint8_t *in, int size, uint8_t *out) {
    static EVP_CIPHER_CTX *context;
    if (!context) context = EVP_CIPHER_CTX_new();
    uint8_t vector[16];
    int done;
    for (int i = 0; i < 4; i++) vector[i] = boots >> (24 - 8 * i), vector[4 + i] = now >> (24 - 8 * i);
    memcpy(vector + 8, salt, 8);
    EVP_CipherInit_ex(context, EVP_aes_128_cfb128(), NULL, k->crypt, vector, encrypt);
    EVP_CipherUpdate(context, out, &done, in, size);
}

static uint32_t engine_time(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return t.tv_sec;
}

static void put_report(back *b, uint64_t id, uint32_t kind, const uint8_t engine[9]) {
    uint32_t numbers[] = {43, 6, 1, 6, 3, 15, 1, 1, kind, 0};
    uint8_t name[16];
    int size = arcs(name, numbers, 10);
    const uint8_t *end = b->at;
    put_number(b, COUNTER32, 1);
    put_element(b, OID, name, size);
    wrap(b, SEQUENCE, end);
    wrap(b, SEQUENCE, end);
    put_number(b, INTEGER, 0);
    put_number(b, INTEGER, 0);
    put_number(b, INTEGER, id);
    wrap(b, REPORT, end);
    put_element(b, OCTETS, "", 0);
    put_element(b, OCTETS, engine, 9);
    wrap(b, SEQUENCE, end);
}

/* RFC 3414: user "nms", SHA-1 and AES-128; whoever does not know the engine gets a report. */
static int secured(back *b, cursor message, const uint8_t *whole, size_t size, uint32_t address) {
    static uint64_t salt_number;
    cursor header, flags, parameters, security, engine, user, mac, salt, scoped, inner, skipped;
    uint8_t mine[9], plain[65536], expected[20], copy[65536];
    if (element(&message, &header) != SEQUENCE) return 0;
    uint64_t id = next_number(&header);
    next_number(&header);
    if (element(&header, &flags) != OCTETS || element(&message, &parameters) != OCTETS ||
        element(&parameters, &security) != SEQUENCE || element(&security, &engine) != OCTETS)
        return 0;
    uint32_t boots = next_number(&security), then = next_number(&security), now = engine_time();
    if (element(&security, &user) != OCTETS || element(&security, &mac) != OCTETS ||
        element(&security, &salt) != OCTETS || element(&message, &scoped) < 0)
        return 0;
    keys *k = keys_of(address);
    engine_of(address, mine);
    int level = *flags.at & 3, report = 0;
    if (engine.end - engine.at != 9 || memcmp(engine.at, mine, 9)) report = 4, level = 0;
    else {
        if (level != 3 || mac.end - mac.at != 12 || salt.end - salt.at != 8) return 0;
        memcpy(copy, whole, size);
        memset(copy + (mac.at - whole), 0, 12);
        digest(k, copy, size, expected);
        if (memcmp(expected, mac.at, 12)) report = 5, level = 0;
        else if (boots != 1 || llabs((int64_t)now - then) > 150) report = 2, level = 1;
    }
    uint8_t *end = b->at;
    if (report) put_report(b, id, report, mine);
    else {
        crypt(k, 0, boots, then, salt.at, scoped.at, scoped.end - scoped.at, plain);
        cursor text = {plain, plain + (scoped.end - scoped.at)};
        if (element(&text, &inner) != SEQUENCE || element(&inner, &skipped) != OCTETS ||
            element(&inner, &skipped) != OCTETS || !respond(b, &inner, LIMIT - 120, address))
            return 0;
        put_element(b, OCTETS, "", 0);
        put_element(b, OCTETS, mine, 9);
        wrap(b, SEQUENCE, end);
    }
    uint8_t fresh[8];
    salt_number++;
    memcpy(fresh, &salt_number, 8);
    if (level & 2) {
        int length = end - b->at;
        crypt(k, 1, 1, now, fresh, b->at, length, plain);
        memcpy(b->at, plain, length);
        wrap(b, OCTETS, end);
    }
    uint8_t *data = b->at;
    put_element(b, OCTETS, fresh, level & 2 ? 8 : 0);
    put_element(b, OCTETS, "\0\0\0\0\0\0\0\0\0\0\0", level & 1 ? 12 : 0);
    uint8_t *mac_at = b->at + 2;
    put_element(b, OCTETS, user.at, user.end - user.at);
    put_number(b, INTEGER, now);
    put_number(b, INTEGER, 1);
    put_element(b, OCTETS, mine, 9);
    wrap(b, SEQUENCE, data);
    wrap(b, OCTETS, data);
    uint8_t *header_end = b->at, level_octet = level;
    put_number(b, INTEGER, 3);
    put_element(b, OCTETS, &level_octet, 1);
    put_number(b, INTEGER, 65507);
    put_number(b, INTEGER, id);
    wrap(b, SEQUENCE, header_end);
    put_number(b, INTEGER, 3);
    wrap(b, SEQUENCE, end);
    if (level & 1) {
        digest(k, b->at, end - b->at, expected);
        memcpy(mac_at, expected, 12);
    }
    return 1;
}

static int answer(back *b, const uint8_t *data, size_t size, uint32_t address) {
    cursor all = {data, data + size}, message, community;
    if (element(&all, &message) != SEQUENCE) return 0;
    uint64_t version = next_number(&message);
    if (version == 3) return secured(b, message, data, size, address);
    if (version != 1 || element(&message, &community) != OCTETS) return 0;
    const uint8_t *end = b->at;
    if (!respond(b, &message, LIMIT - 60, address)) return 0;
    put_element(b, OCTETS, community.at, community.end - community.at);
    put_number(b, INTEGER, version);
    wrap(b, SEQUENCE, end);
    return 1;
}

static uint32_t asked_address(struct msghdr *message) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
            return ntohl(((struct in_pktinfo *)CMSG_DATA(c))->ipi_addr.s_addr);
    return INADDR_LOOPBACK;
}

static void send_back(int endpoint, struct msghdr *to, uint8_t *data, size_t size, uint32_t from) {
    char control[CMSG_SPACE(sizeof(struct in_pktinfo))] = {0};
    struct iovec part = {data, size};
    struct msghdr out = {to->msg_name, to->msg_namelen, &part, 1, control, sizeof control, 0};
    struct cmsghdr *c = CMSG_FIRSTHDR(&out);
    c->cmsg_level = IPPROTO_IP, c->cmsg_type = IP_PKTINFO;
    c->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
    ((struct in_pktinfo *)CMSG_DATA(c))->ipi_spec_dst.s_addr = htonl(from);
    sendmsg(endpoint, &out, 0);
}

static unsigned dead, flap;

static int is_silent(uint32_t address) {
    unsigned place = (address & 0xff) % 10;
    if (!flap || place + 1 != dead) return place < dead;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec / flap + (address >> 8)) % 2;
}

int main(int count, char **words) {
    if (count < 4) return fprintf(stderr, "agent PORT PORTS DEAD [FLAP]\n"), 2;
    ports = atoi(words[2]);
    dead = atoi(words[3]);
    flap = count > 4 ? atoi(words[4]) : 0;
    build();
    password("auth-password", sign_key);
    password("priv-password", crypt_key);
    int endpoint = socket(AF_INET, SOCK_DGRAM, 0), yes = 1, room = 64 << 20;
    setsockopt(endpoint, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes);
    setsockopt(endpoint, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    setsockopt(endpoint, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1])),
                               .sin_addr.s_addr = htonl(INADDR_ANY)};
    if (bind(endpoint, (void *)&here, sizeof here)) return perror("bind"), 1;
    static uint8_t in[BATCH][65536 / 16], out[65536];
    static struct sockaddr_in from[BATCH];
    static char control[BATCH][64];
    struct mmsghdr batch[BATCH];
    struct iovec parts[BATCH];
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){in[i], sizeof in[i]};
            batch[i].msg_hdr = (struct msghdr){&from[i], sizeof from[i], &parts[i], 1,
                                               control[i], sizeof control[i], 0};
        }
        int received = recvmmsg(endpoint, batch, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < received; i++) {
            uint32_t address = asked_address(&batch[i].msg_hdr);
            back b = {out, out + sizeof out};
            if (is_silent(address)) continue;
            if (answer(&b, in[i], batch[i].msg_len, address))
                send_back(endpoint, &batch[i].msg_hdr, b.at, out + sizeof out - b.at, address);
        }
    }
}
