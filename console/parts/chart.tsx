/** One session as a picture: what was asked, what the charger accepted, what the car drew, and the register. */
import type { Point, Series } from '../base/series.ts';
import { clock, kW, kWh } from '../base/words.ts';

const [WIDTH, HEIGHT] = [800, 260];
const EDGE = { left: 56, right: 64, top: 12, bottom: 28 };

type Scale = (value: number) => number;

function scale(from: number, to: number, start: number, end: number): Scale {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

/** Limits hold until the next one; what was measured is joined by lines. */
function path(points: readonly Point[], [x, y]: readonly [Scale, Scale], end?: number): string {
  const drawn = points.map(({ ms, value }, index) => {
    const place = `${x(ms).toFixed(1)} ${y(value).toFixed(1)}`;
    if (index === 0) return `M${place}`;
    return end === undefined ? `L${place}` : `H${x(ms).toFixed(1)}V${y(value).toFixed(1)}`;
  });
  const last = points.at(-1);
  return `${drawn.join('')}${end !== undefined && last !== undefined ? `H${x(Math.max(end, last.ms)).toFixed(1)}` : ''}`;
}

const ticks = (from: number, to: number, count: number) =>
  Array.from({ length: count + 1 }, (_, index) => from + ((to - from) * index) / count);

type Props = { readonly series: Series; readonly begin: number; readonly end: number };

export function Chart({ series: { asked, accepted, drawn, register }, begin, end }: Props) {
  const most = Math.max(1000, ...[...asked, ...accepted, ...drawn].map(({ value }) => value)) * 1.05;
  const energies = register.map(({ value }) => value);
  const [low, high] = energies.length === 0 ? [0, 1000] : [Math.min(...energies), Math.max(...energies) + 1];
  const x = scale(begin, end, EDGE.left, WIDTH - EDGE.right);
  const y = scale(0, most, HEIGHT - EDGE.bottom, EDGE.top);
  const e = scale(low, high, HEIGHT - EDGE.bottom, EDGE.top);
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={summary({ asked, accepted, drawn, register })}>
        {ticks(0, most, 4).map((value) => (
          <g key={value}>
            <line class="grid" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(value)} y2={y(value)} />
            <text x={EDGE.left - 6} y={y(value) + 4} text-anchor="end">
              {kW(value)}
            </text>
          </g>
        ))}
        {energies.length === 0
          ? null
          : [low, high].map((value) => (
              <text key={value} x={WIDTH - EDGE.right + 6} y={e(value) + 4}>
                {kWh(value)}
              </text>
            ))}
        {ticks(begin, end, 4).map((ms) => (
          <text key={ms} x={x(ms)} y={HEIGHT - 8} text-anchor="middle">
            {clock(ms)}
          </text>
        ))}
        <path class="asked" d={path(asked, [x, y], end)} />
        <path class="accepted" d={path(accepted, [x, y], end)} />
        <path class="register" d={path(register, [x, e])} />
        <path class="drawn" d={path(drawn, [x, y])} />
      </svg>
      <figcaption>
        {['asked', 'accepted', 'drawn', 'register'].map((name) => (
          <span key={name} class={`key ${name}`}>
            {name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function summary({ asked, drawn, register }: Omit<Series, 'profiles'>): string {
  const [limit, power, first, last] = [asked.at(-1), drawn.at(-1), register[0], register.at(-1)];
  const parts = [
    limit === undefined ? 'No limit was asked' : `Asked last: at most ${kW(limit.value)}`,
    power === undefined ? 'no power was measured' : `drawn last: ${kW(power.value)}`,
    first === undefined || last === undefined ? '' : `taken: ${kWh(last.value - first.value)}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}
