import type { NextConfig } from 'next'

const config: NextConfig = {
  poweredByHeader: false,
  reactCompiler: false,
  // The workspace checks all types at once.
  typescript: { ignoreBuildErrors: true },
}

export default config
