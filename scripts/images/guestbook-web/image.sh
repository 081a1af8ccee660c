# The guestbook's front end: busybox's web server and one script.
reference=switchboard/guestbook-web:1
packages=(busybox-static curl)
config='{"Cmd": ["serve"], "ExposedPorts": {"8080/tcp": {}}}'

fill() {
  base
  shell
  program /usr/bin/curl
  files
}
