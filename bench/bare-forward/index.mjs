// The least a Worker can do with a profile: send it on to the CSMS as it came. What the edge's latency is compared with.
export default {
  fetch(request, env) {
    const headers = { 'content-type': 'application/json' };
    return fetch(env.CSMS_COMMAND_URL, { method: 'POST', headers, body: request.body });
  },
};
