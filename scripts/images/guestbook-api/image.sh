# The guestbook's API: busybox's web server and one script that counts in Redis.
reference=switchboard/guestbook-api:1
packages=(busybox-static redis-tools)
config='{"Cmd": ["serve"], "ExposedPorts": {"8080/tcp": {}}}'

fill() {
  base
  shell
  program /usr/bin/redis-cli
  files
}
