import type { NextConfig } from 'next'

const config: NextConfig = {
  poweredByHeader: false,
  reactCompiler: false,
}

export default config
