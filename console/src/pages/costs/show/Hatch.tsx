// The hatching of what is forecast: `style.css` fills with it, since a chart takes colours alone.

export const FORECAST_BROWN = "#9a7b4f"; // 3:1 and more on white and on the dark ground

export function Hatch() {
  return (
    <svg className="hatch" aria-hidden="true">
      <defs>
        <pattern
          id="hatched"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="6" height="6" fill={FORECAST_BROWN} fillOpacity="0.15" />
          <rect width="2.5" height="6" fill={FORECAST_BROWN} />
        </pattern>
      </defs>
    </svg>
  );
}
