#include "sidecar.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t process;
static char data_socket[96], control_socket[96];

static int connected(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (connection >= 0 && connect(connection, (struct sockaddr *)&address, sizeof address) == 0) return connection;
    close(connection);
    return -1;
}

static void wait_until_it_listens(void) {
    const struct timespec pause = {0, 5000000};
    for (int tries = 0; tries < 12000; tries++) {
        int connection = connected(control_socket);
        if (connection >= 0) {
            close(connection);
            return;
        }
        if (waitpid(process, NULL, WNOHANG) == process) die("sidecar", "it ended");
        nanosleep(&pause, NULL);
    }
    die("sidecar", "it does not listen");
}

void sidecar_start(const char *program, const char *folder, const char *config) {
    char file[128];
    snprintf(data_socket, sizeof data_socket, "%s/data.sock", folder);
    snprintf(control_socket, sizeof control_socket, "%s/control.sock", folder);
    snprintf(file, sizeof file, "%s/bearerd.toml", folder);
    umask(077);
    FILE *document = fopen(file, "w");
    if (document == NULL) die("sidecar", "no configuration file");
    fprintf(document, "%s\n[server]\ndata_socket = '%s'\ncontrol_socket = '%s'\n", config, data_socket, control_socket);
    fclose(document);
    fflush(stdout);
    process = fork();
    if (process < 0) die("fork", "no sidecar");
    if (process == 0) {
        /* What it has to say is beside its configuration. */
        snprintf(file + strlen(file), sizeof file - strlen(file), ".log");
        if (freopen(file, "w", stderr) == NULL) _exit(127);
        snprintf(file, sizeof file, "%s/bearerd.toml", folder);
        execl(program, program, "serve", "--config", file, (char *)NULL);
        _exit(127);
    }
    wait_until_it_listens();
}

static char *post(const char *socket, const char *path, const char *body) {
    char head[512];
    size_t got = 0, room = 1 << 16;
    ssize_t some;
    char *answer = malloc(room);
    int connection = connected(socket);
    if (connection < 0 || answer == NULL) die("sidecar", "no connection");
    int length = snprintf(head, sizeof head,
                          "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
                          "Content-Length: %zu\r\n\r\n",
                          path, strlen(body));
    if (write(connection, head, (size_t)length) != length || write(connection, body, strlen(body)) != (ssize_t)strlen(body))
        die("sidecar", "a request was not taken");
    while (got < room - 1 && (some = read(connection, answer + got, room - 1 - got)) > 0) got += (size_t)some;
    answer[got] = 0;
    close(connection);
    char *begin = strstr(answer, "\r\n\r\n");
    if (begin == NULL) die("sidecar", "no answer");
    char *copy = strdup(begin + 4);
    free(answer);
    return copy;
}

char *sidecar_control(const char *path, const char *body) { return post(control_socket, path, body); }

char *sidecar_data(const char *path, const char *body) { return post(data_socket, path, body); }

void sidecar_stop(void) {
    kill(process, SIGTERM);
    waitpid(process, NULL, 0);
}
