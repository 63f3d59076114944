// The least a Worker can do to redeem a code: one D1 UPDATE … RETURNING. What the edge's verification is compared with.
export default {
  async fetch(request, env) {
    const { code } = await request.json();
    const sql = 'UPDATE pairing_codes SET redeemed_at = ?1 WHERE code_hash = ?2 RETURNING charge_point_id';
    const row = await env.DB.prepare(sql).bind(Date.now(), code).first();
    if (row !== null) return Response.json(row);
    const insert = `INSERT INTO pairing_codes (code_hash, provider, charge_point_id, format, created_at, expires_at)
      VALUES (?1, 'bench', ?1, 'ocpp', 0, 0)`;
    await env.DB.prepare(insert).bind(code).run();
    return new Response(null, { status: 201 });
  },
};
