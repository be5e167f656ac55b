// SPDX-License-Identifier: Apache-2.0
// What routers do to packets, as nftables rules. A router has two interfaces, "lan" with one host
// behind it, and "wan".
//
//   kind                mapping (RFC 4787)             filtering
//   none                none: the host's own address   connections from within (a firewall)
//   full-cone           endpoint-independent           endpoint-independent: all of 1:1
//   address-restricted  endpoint-independent           address-dependent
//   port-restricted     endpoint-independent           address- and port-dependent
//   symmetric           address- and port-dependent    address- and port-dependent

export const natKinds = ['full-cone', 'address-restricted', 'port-restricted', 'symmetric'];

// `forward`: TCP ports of the host that are reachable from outside. `blocked`: what the router
// drops in both directions, in nftables' words ("meta l4proto udp").
export function routerRules({ kind, host, forward = [], blocked = [] }) {
  const ports = `{ ${forward.join(', ')} }`;
  const drops = blocked.map((match) => `${match} drop`).join('\n');
  return `
    table inet filter {
      # An unasked packet that is dropped here leaves no trace in the table of connections. If it
      # were accepted, it would take the tuple that the host's own packet to that peer needs, which
      # would then get another port: no router that one can buy does that.
      chain input {
        type filter hook input priority filter; policy accept;
        iifname "wan" ct state new meta l4proto { tcp, udp } drop
      }
      chain forward {
        type filter hook forward priority filter; policy drop;
        ${drops}
        iifname "lan" accept
        ct state established,related accept
        ct status dnat accept
        ${kind === 'none' && forward.length > 0 ? `tcp dport ${ports} accept` : ''}
      }
    }
    ${kind === 'none' ? '' : natRules({ kind, host, forward, ports })}`;
}

function natRules({ kind, host, forward, ports }) {
  const rules = {
    masquerade: kind === 'symmetric' ? 'masquerade random,fully-random' : 'masquerade',
    remember: '',
    inbound: '',
  };
  if (kind === 'full-cone') {
    rules.inbound = `iifname "wan" meta l4proto udp dnat to ${host}`;
  } else if (kind === 'address-restricted') {
    rules.remember = 'iifname "lan" update @asked { ip daddr . udp sport timeout 2m }';
    rules.inbound = `iifname "wan" ip saddr . udp dport @asked dnat to ${host}`;
  }
  return `
    table ip nat {
      set asked { type ipv4_addr . inet_service; flags dynamic,timeout; size 64; }
      chain remember {
        type filter hook forward priority mangle; policy accept;
        ${rules.remember}
      }
      chain prerouting {
        type nat hook prerouting priority dstnat; policy accept;
        ${forward.length > 0 ? `iifname "wan" tcp dport ${ports} dnat to ${host}` : ''}
        ${rules.inbound}
      }
      chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        oifname "wan" ${rules.masquerade}
      }
    }`;
}
