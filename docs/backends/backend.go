// A backend in Go: a list of notes, which is saved before each answer.
package main

import ("context"; "encoding/json"; "fmt"; "io"; "net"; "net/http"; "os"; "os/signal"; "path/filepath"; "strconv"; "sync"; "syscall"; "time")

type note struct{ User, Text string }
var (
	token, _ = strconv.ParseInt(os.Getenv("SESSION_BACKEND_FENCING_TOKEN"), 10, 64)
	folder   = os.Getenv("DOCUMENT_FOLDER")
	ours     = filepath.Join(folder, strconv.FormatInt(token, 10))
	mutex    sync.Mutex
	notes    = []note{}
)
func check(err error) { if err != nil { fmt.Println(err); os.Exit(1) } }
// Returns the highest token that has written. Ends the process if another backend owns the document.
func lastWritten() (last int64) {
	entries, err := os.ReadDir(folder); check(err)
	for _, entry := range entries {
		each, err := strconv.ParseInt(entry.Name(), 10, 64)
		if err != nil { continue }
		if each > token { check(fmt.Errorf("fencing token %d is outdated: %d owns this document now", token, each)) }
		if info, err := entry.Info(); err == nil && info.Size() > 0 && each > last { last = each }
	}
	return last
}

func flushFolder() { file, err := os.Open(folder); check(err); check(file.Sync()); check(file.Close()) }

func save() {
	file, err := os.Create(ours + ".tmp"); check(err)
	check(json.NewEncoder(file).Encode(notes)); check(file.Sync()); check(file.Close())
	check(os.Rename(ours+".tmp", ours))
	flushFolder()
	lastWritten() // Only who still owns the document may say that it is saved.
}

func main() {
	check(os.MkdirAll(folder, 0o755))
	file, err := os.OpenFile(ours, os.O_CREATE, 0o644); check(err); file.Close() // Claimed before it is read.
	flushFolder()
	if data, err := os.ReadFile(filepath.Join(folder, strconv.FormatInt(lastWritten(), 10))); err == nil && len(data) > 0 { check(json.Unmarshal(data, &notes)) }
	server := &http.Server{Handler: http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		mutex.Lock(); defer mutex.Unlock()
		if request.Method == http.MethodPost {
			text, _ := io.ReadAll(request.Body)
			notes = append(notes, note{request.Header.Get("x-verified-username"), string(text)})
			save()
		}
		check(json.NewEncoder(response).Encode(notes))
	})}
	port := os.Getenv("PORT"); if port == "" { port = "8080" }
	listener, err := net.Listen("tcp", ":"+port); check(err)
	stop, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	go server.Serve(listener)
	fmt.Println("listening on", listener.Addr().(*net.TCPAddr).Port)
	<-stop.Done()
	deadline, _ := context.WithTimeout(context.Background(), 9*time.Second)
	check(server.Shutdown(deadline)) // Requests that have begun are answered before the end.
}
