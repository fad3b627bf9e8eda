/** The preview of an image that was never taken. */
export const greyJpeg = Buffer.from(
  [
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABwUFRkVEhwZFxkgHhwiK0cuKycnK1c+QjRHZ1tta2VbZGJy',
    'gKSLcnmbe2JkjsKQm6mut7m3bonJ18ey1qS0t7D/wAALCAB4AKABAREA/8QAGgABAAMBAQEAAAAAAAAA',
    'AAAAAAECAwQFBv/EADMQAAMAAQMDAQQIBgMAAAAAAAABAgMREiEEMVFBExRhkQUiQlSBobHRMlJTYpLw',
    'o8Hh/9oACAEBAAA/APmgAAAAAAAAAAAAAWiKulMrWn2QuKx1tuXL+JCTp6Sm34RbJjrFW21oygAAAAAA',
    'APR6TCsU+0tfXfn0N1e6i1tKUlwl2Rz58c54/vS4f/R5zTT0fDIAAAAAAB09Ni1ftK7J8I6KstjfJbJX',
    'BlNcmXU4tyeSe/qjkAAAAAANunwvLf8Aau52VwtFwjLuzWELMl3NoOTqsHs63yltf5M5wAAAAC+PHWS1',
    'Mrn9D0piccKZXH6lHLp6Jat+hddNl/pX/iy/sbmdaikvLRlaKKeTWEaVCuXNLVM8vPieHI0+3o/JkAAA',
    'AT37HbghYp1+0+7OvHMTjefO9uJdvNPwjnzfSWTVz0yWHH24X1mvizn976j7xl/zZMdb1MUqWfJqvNar',
    '5M7MPW4uoXs+qlRb7ZZWi/H/AH5DJirFkcWtH+pMl9eDDqMc5Z0ff0fg81py2mtGiAAAAa4lp9Z9/Q2V',
    'nV9MvbnxYl/BMcLxz/4jzQAevrv+iunuuaTcp/Dn9kYqi24zujlzTu59Uc4AABeJ159C5KO7rl77hjqs',
    'fNRO3LK9Pjp47/7qeaAWx47y5FGOXVVwkj0upucPT4ukilTx82/j4/NnMqLbitMzoxyRpyjMAAvEO609',
    'PU32pLRdiNpKk1wZbwZFeN6NfmbZH0vU06yRWLI+9Rym/LX7GfufTfff+Jke7dHHNdVVpfZnHo3+LLe+',
    'zhxVi6TH7NV3tvWn+xyJl0XROhVyRtMMkbHx2ZmASk29EdWOVK0XzNNBtJ2jaQ0VZmyuhKRpMmiknaQ0',
    'VZS0qWjOap2vQqC0VtZ0RWq1RrJoidA0VaKNGbQ2llJpMl0gylMzpmVUZXW4oAWmnL1RvjzJ9+Gbqi+4',
    'birZVsqEXRdE6lXRlVGF5EZNt9yAAAWm6ns/wNZ6j+ZfIusqfZk7yN43Eqi6oncVrLM92jK86+zyY1dV',
    '3ZUAAAAAnVr1J3PyN1eRvryT7SvJDqmtG38yoAAB/9k=',
  ].join(''),
  'base64',
)
