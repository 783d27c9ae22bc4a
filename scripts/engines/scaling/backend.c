// The smallest backend: it accepts every WebSocket, and says nothing on it. It doesn't sign the handshake, which neither
// Plane nor the measurement checks.
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#define MOST 64
static const char OK[] = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
static const char UPGRADED[] =
    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";

static void end(int signal) { _exit(0); }

static int answer(int socket) {
  char request[8192];
  ssize_t length = read(socket, request, sizeof request);
  if (length <= 0) return -1;
  int is_head = length >= 4 && memcmp(request, "HEAD", 4) == 0;
  if (write(socket, is_head ? OK : UPGRADED, (is_head ? sizeof OK : sizeof UPGRADED) - 1) < 0) return -1;
  return 0;
}

int main(void) {
  signal(SIGTERM, end);
  signal(SIGPIPE, SIG_IGN);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(getenv("PORT")))};
  struct pollfd sockets[MOST] = {{.fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN}};
  if (bind(sockets[0].fd, (struct sockaddr *)&address, sizeof address) || listen(sockets[0].fd, MOST)) return 1;
  for (int count = 1;;) {
    if (poll(sockets, count, -1) < 0) return 1;
    for (int i = count - 1; i > 0; i--) {
      if (!sockets[i].revents || answer(sockets[i].fd) == 0) continue;
      close(sockets[i].fd);
      sockets[i] = sockets[--count];
    }
    if (!sockets[0].revents || count == MOST) continue;
    sockets[count++] = (struct pollfd){.fd = accept(sockets[0].fd, NULL, NULL), .events = POLLIN};
  }
}
