/** The thread of `readConfigApart`. */
import { parentPort, workerData } from 'node:worker_threads'
import { readConfigFile } from './check.ts'

parentPort?.postMessage(readConfigFile(workerData as string))
