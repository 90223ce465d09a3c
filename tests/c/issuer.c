#include "issuer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listening = -1;
static pthread_t thread;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *current;
static unsigned requests;

static void answer(int connection) {
    char request[4096];
    size_t got = 0;
    ssize_t some;
    while (got < sizeof request - 1 && (some = read(connection, request + got, sizeof request - 1 - got)) > 0) {
        got += (size_t)some;
        request[got] = 0;
        if (strstr(request, "\r\n\r\n") != NULL) break;
    }
    if (got == 0) return;
    char head[256];
    pthread_mutex_lock(&lock);
    char *body = current != NULL ? strdup(current) : NULL;
    requests++;
    pthread_mutex_unlock(&lock);
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
                          body ? "200 OK" : "503 Service Unavailable", body ? strlen(body) : 0);
    if (send(connection, head, (size_t)length, MSG_NOSIGNAL) == length && body != NULL)
        (void)!send(connection, body, strlen(body), MSG_NOSIGNAL);
    free(body);
}

static void *serve(void *unused) {
    (void)unused;
    for (;;) {
        int connection = accept(listening, NULL, NULL);
        if (connection < 0) return NULL;
        answer(connection);
        close(connection);
    }
}

unsigned issuer_start(const char *document) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    requests = 0;
    issuer_publish(document);
    listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listening < 0 || bind(listening, (struct sockaddr *)&address, size) != 0 || listen(listening, 64) != 0 ||
        getsockname(listening, (struct sockaddr *)&address, &size) != 0 ||
        pthread_create(&thread, NULL, serve, NULL) != 0)
        die("issuer_start", "no server could be started");
    return ntohs(address.sin_port);
}

void issuer_publish(const char *document) {
    pthread_mutex_lock(&lock);
    free(current);
    current = document != NULL ? strdup(document) : NULL;
    pthread_mutex_unlock(&lock);
}

unsigned issuer_requests(void) {
    pthread_mutex_lock(&lock);
    unsigned answered = requests;
    pthread_mutex_unlock(&lock);
    return answered;
}

void issuer_stop(void) {
    shutdown(listening, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(listening);
    issuer_publish(NULL);
}
