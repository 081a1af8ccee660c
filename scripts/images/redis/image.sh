# Debian's Redis, with the client that probes use.
reference=switchboard/redis:1
packages=(redis-server redis-tools busybox-static)
config='{"Cmd": ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no"], "ExposedPorts": {"6379/tcp": {}}}'

fill() {
  base
  shell
  program /usr/bin/redis-server /usr/bin/redis-cli
}
