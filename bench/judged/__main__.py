from bench.judged import main

main()
