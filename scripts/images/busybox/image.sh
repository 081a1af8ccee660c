# A shell with the usual tools, curl and socat: what tests run, and what a person looks around a cluster with.
reference=switchboard/busybox:1
packages=(busybox-static curl socat)
config='{"Cmd": ["sh"]}'

fill() {
  base
  shell
  program /usr/bin/curl /usr/bin/socat
  files
}
