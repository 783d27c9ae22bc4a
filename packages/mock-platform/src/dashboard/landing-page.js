// A browser on the platform's own machine goes on to the dashboard. Through a tunnel, or from another machine, the
// address would be one of that machine.
const port = document.querySelector('main')?.dataset.port
const link = document.querySelector('a')
const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname)
if (isLocal && location.port === port && link) location.replace(link.href)
