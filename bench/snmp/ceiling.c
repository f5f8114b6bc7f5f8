/* What the machine can do: the benchmark's job in C, v2c, without timers or retries.
 *
 * ceiling PORT DEVICES PORTS FLYING: prints the CPU seconds, the wall seconds and the devices that
 * came whole. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include "wire.h"

enum { BATCH = 64, FIRST_ADDRESS = 0x7f0a0001, ROWS = 5 };
typedef struct { int row, place, done; uint64_t sum; } device;

static uint8_t prefixes[COLUMNS][16];
static int sizes[COLUMNS];

static double seconds(const struct timeval *t) { return t->tv_sec + t->tv_usec * 1e-6; }

static double cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return seconds(&used.ru_utime) + seconds(&used.ru_stime);
}

static double wall(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static size_t request(uint8_t room[1500], const device *d, int number) {
    back b = {room, room + 1500};
    const uint8_t *end = b.at;
    for (int i = COLUMNS - 1; i >= -1; i--) {
        if (i < 0 && d->row) break;
        uint8_t name[24];
        uint32_t row = d->row;
        int size = i < 0 ? (int)sizeof UP_TIME : sizes[i];
        memcpy(name, i < 0 ? UP_TIME : prefixes[i], size);
        if (i >= 0 && row) size += arcs(name + size, &row, 1);
        const uint8_t *after = b.at;
        put_element(&b, NULLS, "", 0);
        put_element(&b, OID, name, size);
        wrap(&b, SEQUENCE, after);
    }
    wrap(&b, SEQUENCE, end);
    put_number(&b, INTEGER, ROWS);
    put_number(&b, INTEGER, d->row == 0);
    put_number(&b, INTEGER, number + 1);
    wrap(&b, GET_BULK, end);
    put_element(&b, OCTETS, "public", 6);
    put_number(&b, INTEGER, 1);
    wrap(&b, SEQUENCE, end);
    memmove(room, b.at, end - b.at);
    return end - b.at;
}

static uint64_t number_of_value(int tag, cursor value) {
    return tag == OCTETS ? (uint64_t)(value.end - value.at) : number(value);
}

/* Takes an answer in; returns the device it belongs to, -1 when it is none. */
static int take(device *devices, int count, const uint8_t *data, size_t size, uint32_t from) {
    cursor all = {data, data + size}, message, skipped, pdu, list, variable, name, value;
    if (element(&all, &message) != SEQUENCE || element(&message, &skipped) < 0 ||
        element(&message, &skipped) < 0 || element(&message, &pdu) != RESPONSE)
        return -1;
    int number = (int)next_number(&pdu) - 1;
    if (number < 0 || number >= count || from != FIRST_ADDRESS + (uint32_t)number) return -1;
    next_number(&pdu), next_number(&pdu);
    if (element(&pdu, &list) != SEQUENCE) return -1;
    device *d = &devices[number];
    int first = d->row == 0, row = d->row;
    for (d->place = 0; list.at < list.end && !d->done;) {
        if (element(&list, &variable) != SEQUENCE || element(&variable, &name) != OID) return -1;
        int tag = element(&variable, &value);
        if (first) { first = 0; d->sum += number_of_value(tag, value); continue; }
        int column = d->place % COLUMNS, prefix = sizes[column];
        if (tag == END_OF_VIEW || name.end - name.at <= prefix ||
            memcmp(name.at, prefixes[column], prefix)) { d->done = 1; break; }
        if (column == 0) row = name.end[-1];
        d->sum += number_of_value(tag, value);
        d->row = row;
        d->place++;
    }
    return number;
}

static void ask(int endpoint, device *devices, int number, int port) {
    uint8_t room[1500];
    size_t size = request(room, &devices[number], number);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(FIRST_ADDRESS + number)};
    sendto(endpoint, room, size, 0, (void *)&to, sizeof to);
}

int main(int words, char **word) {
    if (words != 5) return fprintf(stderr, "ceiling PORT DEVICES PORTS FLYING\n"), 2;
    int port = atoi(word[1]), count = atoi(word[2]), ports = atoi(word[3]), next = atoi(word[4]);
    for (int i = 0; i < COLUMNS; i++) sizes[i] = arcs(prefixes[i], COLUMN[i].arcs, COLUMN[i].count);
    device *devices = calloc(count, sizeof *devices);
    int endpoint = socket(AF_INET, SOCK_DGRAM, 0), room = 16 << 20, left = count, whole = 0;
    setsockopt(endpoint, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    double cpu_before = cpu(), wall_before = wall();
    if (next > count) next = count;
    for (int i = 0; i < next; i++) ask(endpoint, devices, i, port);
    static uint8_t in[BATCH][4096];
    static struct sockaddr_in from[BATCH];
    struct mmsghdr batch[BATCH];
    struct iovec parts[BATCH];
    while (left) {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){in[i], sizeof in[i]};
            batch[i].msg_hdr =
                (struct msghdr){&from[i], sizeof from[i], &parts[i], 1, NULL, 0, 0};
        }
        int received = recvmmsg(endpoint, batch, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < received; i++) {
            int number = take(devices, count, in[i], batch[i].msg_len,
                              ntohl(from[i].sin_addr.s_addr));
            if (number < 0) continue;
            if (!devices[number].done) { ask(endpoint, devices, number, port); continue; }
            whole += devices[number].row == ports;
            left--;
            if (next < count) ask(endpoint, devices, next++, port);
        }
    }
    printf("%.6f %.6f %d\n", cpu() - cpu_before, wall() - wall_before, whole);
}
