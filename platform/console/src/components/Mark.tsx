/** The console's sign: four grid cells, one of them done. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path d="M3 3h12v12H3zM17 3h12v12H17zM3 17h12v12H3z" fill="currentColor" opacity=".92" />
      <path d="m18 23.2 4 4.2 8-9.4" fill="none" stroke="#7fd8c9" strokeWidth="3.4" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
