// A backend in Go: notes, each of which is saved before it is answered.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

var token, _ = strconv.Atoi(os.Getenv("SESSION_BACKEND_FENCING_TOKEN"))
var ours = fmt.Sprintf("%020d", token) // Names of one length are sorted by the token.

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

// Returns what was written last. Ends the process if another backend owns the document.
func read() (notes string) {
	for _, file := range must(os.ReadDir(".")) {
		if file.Name() > ours {
			log.Fatalf("fencing token %d is outdated: %s owns this document now", token, file.Name())
		}
		if lines := strings.Split(string(must(os.ReadFile(file.Name()))), "\n"); len(lines) > 1 {
			notes = strings.TrimSpace(strings.Join(lines[:len(lines)-1], " "))
		}
	}
	return notes
}

func main() {
	must(0, os.Chdir(os.Getenv("DOCUMENT_FOLDER")))
	file := must(os.OpenFile(ours, os.O_CREATE|os.O_APPEND|os.O_WRONLY|os.O_SYNC, 0o644))
	must(0, must(os.Open(".")).Sync()) // The document is claimed before it is read.
	must(fmt.Fprintln(file, read()))
	http.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		if text := request.PostFormValue("text"); text != "" {
			must(fmt.Fprintf(file, "%s: %q\n", request.Header.Get("x-verified-username"), text))
		}
		fmt.Fprint(response, read()) // Only who still owns the document may say what is saved.
	})
	listener := must(net.Listen("tcp", ":"+cmp.Or(os.Getenv("PORT"), "8080")))
	stop, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	server := &http.Server{}
	go server.Serve(listener)
	fmt.Println("listening on", listener.Addr().(*net.TCPAddr).Port)
	<-stop.Done()
	server.Shutdown(context.Background()) // Requests that have begun are answered before the end.
}
